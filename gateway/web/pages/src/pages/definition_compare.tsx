// Two versions of a process beside each other: what was added, removed and changed.

import { useMemo, useState } from "preact/hooks";
import { compare } from "../compare";
import { useLoad } from "../load";
import { get } from "../server";
import { cut, plain } from "../text";
import type { Definition } from "../things";
import { Empty, Loading, Panel, Trouble } from "../parts/basics";
import { Diagram } from "../parts/diagram";

interface Props {
  definition: Definition;
  xml: string;
  versions: Definition[];
}

const SIGNS = { added: "new", removed: "gone", changed: "changed" };

export function Compare({ definition, xml, versions }: Props) {
  const others = versions.filter((one) => one.processDefinitionKey !== definition.processDefinitionKey);
  const [other, setOther] = useState("");
  const { data, error, reload } = useLoad(async (signal) => (other ? get<string>(`v2/process-definitions/${other}/xml`, { signal, text: true }) : ""), [other]);
  const of = others.find((one) => one.processDefinitionKey === other);
  const differences = useMemo(() => {
    if (!data || !of) return [];
    const isOlder = of.version < definition.version;
    return isOlder ? compare(data, xml, definition.processDefinitionId) : compare(xml, data, definition.processDefinitionId);
  }, [data, xml, other]);
  const badges = useMemo(() => new Map(differences.map((one) => [one.id, SIGNS[one.kind]])), [differences]);
  if (!others.length) return null;
  return (
    <Panel
      title="Compare with"
      tools={
        <select aria-label="Version to compare with" value={other} onChange={(event) => setOther(event.currentTarget.value)}>
          <option value="">no version</option>
          {others.map((one) => (
            <option value={one.processDefinitionKey}>v{one.version}</option>
          ))}
        </select>
      }
    >
      {error && <Trouble problem={error} retry={reload} />}
      {of && !data && !error && <Loading />}
      {of && data && (
        <>
          <Diagram xml={data} counts={[]} badges={badges} label={`Version ${of.version}`} />
          {differences.length === 0 && <Empty>The elements of v{of.version} and v{definition.version} are the same.</Empty>}
          <ul class="lines">
            {differences.map((one) => (
              <li key={one.id}>
                <span class="faint">{one.kind}</span> <bdi>{plain(cut(one.name, 80))}</bdi> <span class="faint">{plain(cut(one.id, 60))}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

// Where tokens of one definition go in another, on both diagrams and as a list; each can be picked elsewhere.

import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { useLoad } from "../load";
import { fits, propose, type Mapping } from "../migrate";
import { readModel, type Model } from "../model";
import { get, search } from "../server";
import { cut, plain } from "../text";
import type { Definition, ElementCounts } from "../things";
import { Loading, Trouble } from "./basics";
import { Diagram } from "./diagram";

const DEFINITIONS = 500;

export const definitionName = (one: Definition) => `${plain(cut(one.name || one.processDefinitionId, 60))} v${one.version}`;

/** All definitions that are there still, by name, newest version first. */
export const useDefinitions = () =>
  useLoad(async (signal) => (await search<Definition>("process-definitions", { sort: [{ field: "name", order: "ASC" }, { field: "version", order: "DESC" }], page: { limit: DEFINITIONS } }, { signal })).items.filter((one) => one.state !== "DELETED"), ["definitions"]);

interface TargetProps {
  /** What it goes away from. */
  from: { processDefinitionKey: string; processDefinitionId: string };
  definitions: Definition[];
  target: string;
  pick: (key: string) => void;
}

/** Picks where to: other versions of the same process come first. */
function Target({ from, definitions, target, pick }: TargetProps) {
  const others = definitions.filter((one) => one.processDefinitionKey !== from.processDefinitionKey);
  const isSame = (one: Definition) => one.processDefinitionId === from.processDefinitionId;
  return (
    <label class="field">
      <span>Migrate to</span>
      <select aria-label="Definition to migrate to" value={target} onChange={(event) => pick(event.currentTarget.value)}>
        <option value="">pick a definition</option>
        {[...others.filter(isSame), ...others.filter((one) => !isSame(one))].map((one) => (
          <option value={one.processDefinitionKey}>{definitionName(one)}</option>
        ))}
      </select>
    </label>
  );
}

interface Instruction {
  sourceElementId: string;
  targetElementId: string;
}

interface Standing {
  xml: string;
  model: Model;
  counts: ElementCounts[];
  /** What else than where tokens stand now is mapped where there is a place for it: of many instances some move until it begins. */
  others?: string[];
}

interface MigrationProps extends Standing {
  from: TargetProps["from"];
  definitions: Definition[];
  choose: (to: Definition, mappings: Instruction[]) => void;
  /** What stands beside the choice of where to. */
  children?: ComponentChildren;
}

/** Picks where to, and then what goes where. */
export function Migration({ from, definitions, choose, children, ...standing }: MigrationProps) {
  const [target, setTarget] = useState("");
  const to = definitions.find((one) => one.processDefinitionKey === target);
  return (
    <>
      <p class="actions">
        <Target from={from} definitions={definitions} target={target} pick={setTarget} />
        {children}
      </p>
      {definitions.length === 1 && <p class="hint">There is no other definition yet: deploy the one that it is to go on in.</p>}
      {to && <Mappings key={target} {...standing} of={to} choose={(mappings) => choose(to, mappings)} />}
    </>
  );
}

interface Props extends Standing {
  of: Definition;
  choose: (mappings: Instruction[]) => void;
}

function Mappings({ xml, model, counts, of, others = [], choose }: Props) {
  const other = useLoad((signal) => get<string>(`v2/process-definitions/${of.processDefinitionKey}/xml`, { signal, text: true }), [of.processDefinitionKey]);
  const there = useMemo(() => (other.data ? readModel(other.data, of.processDefinitionId) : undefined), [other.data]);
  const active = counts.filter((count) => count.active || count.incidents).map((count) => count.elementId);
  const [changed, setChanged] = useState<Record<string, string>>({});
  const [picked, setPicked] = useState<string>();
  if (other.error) return <Trouble problem={other.error} retry={other.reload} />;
  if (!there) return <Loading />;
  const mappings = propose([...new Set([...active, ...others])], model, there)
    .map((one): Mapping => ({ ...one, target: changed[one.source] ?? one.target }))
    .filter((one) => one.target || active.includes(one.source));
  const open = mappings.filter((one) => !one.target);
  const nameIn = (of: Model, id: string) => plain(cut(of.elements.get(id)?.name || id, 60));
  // A number joins an element here with the one that it goes to there.
  const numbers = (side: "source" | "target") => new Map(mappings.flatMap((one, at) => (one[side] && one.target ? [[one[side]!, String(at + 1)] as const] : [])));
  const pickHere = (id: string | undefined) => setPicked(mappings.some((one) => one.source === id) ? id : undefined);
  const pickThere = (id: string | undefined) => {
    if (!id || !picked || !fits(model.elements.get(picked), there.elements.get(id))) return;
    setChanged({ ...changed, [picked]: id });
    setPicked(undefined);
  };
  return (
    <>
      <p class="hint">
        {picked ? (
          <>Pick on the lower diagram where <b>{nameIn(model, picked)}</b> goes.</>
        ) : open.length ? (
          <>Nobody knows yet where <b>{nameIn(model, open[0]!.source)}</b> goes: pick it on the upper diagram, then its place on the lower one.</>
        ) : (
          "Numbers say what goes where. Pick an element on the upper diagram to send it elsewhere."
        )}
      </p>
      <Diagram xml={xml} counts={counts} selected={picked} onSelect={pickHere} badges={numbers("source")} label="Where it stands" />
      <Diagram xml={other.data!} counts={[]} onSelect={pickThere} badges={numbers("target")} label={`Where it goes: ${definitionName(of)}`} />
      <ol class="plan">
        {mappings.map((one) => (
          <li key={one.source}>
            <b>{nameIn(model, one.source)}</b> to{" "}
            <select aria-label={`Where ${nameIn(model, one.source)} goes`} value={one.target ?? ""} onChange={(event) => setChanged({ ...changed, [one.source]: event.currentTarget.value })}>
              {!one.target && <option value="">nowhere yet</option>}
              {[...there.elements.values()]
                .filter((element) => fits(model.elements.get(one.source), element))
                .map((element) => (
                  <option value={element.id}>{nameIn(there, element.id)}</option>
                ))}
            </select>
          </li>
        ))}
      </ol>
      <p class="actions">
        <span class="space" />
        <button type="button" class="primary" disabled={open.length > 0 || !mappings.length} onClick={() => choose(mappings.map((one) => ({ sourceElementId: one.source, targetElementId: one.target! })))}>
          Migrate to {definitionName(of)}
        </button>
      </p>
    </>
  );
}

// Takes an instance into another definition: where its tokens go is shown on both diagrams, and can be picked there.

import { useMemo, useState } from "preact/hooks";
import { useLoad } from "../load";
import { fits, propose, type Mapping } from "../migrate";
import { readModel, type Model } from "../model";
import { get, post, search } from "../server";
import { cut, plain, plural } from "../text";
import type { Definition, ElementCounts, Instance } from "../things";
import { Loading, Trouble } from "../parts/basics";
import { Diagram } from "../parts/diagram";
import { Dialog } from "../parts/dialog";

interface Props {
  instance: Instance;
  xml: string;
  model: Model;
  counts: ElementCounts[];
  close: () => void;
}

const DEFINITIONS = 500;

export function Migrate({ instance, xml, model, counts, close }: Props) {
  const [target, setTarget] = useState("");
  const definitions = useLoad(async (signal) => (await search<Definition>("process-definitions", { sort: [{ field: "name", order: "ASC" }, { field: "version", order: "DESC" }], page: { limit: DEFINITIONS } }, { signal })).items, ["definitions"]);
  const others = (definitions.data ?? []).filter((one) => one.processDefinitionKey !== instance.processDefinitionKey);
  // Other versions of the same process come first.
  const isSame = (one: Definition) => one.processDefinitionId === instance.processDefinitionId;
  const choices = [...others.filter(isSame), ...others.filter((one) => !isSame(one))];
  const of = choices.find((one) => one.processDefinitionKey === target);
  return (
    <section class="modify" aria-label="Migrate">
      <p class="actions">
        <label class="field">
          <span>Migrate to</span>
          <select aria-label="Definition to migrate to" value={target} onChange={(event) => setTarget(event.currentTarget.value)}>
            <option value="">pick a definition</option>
            {choices.map((one) => (
              <option value={one.processDefinitionKey}>
                {plain(cut(one.name || one.processDefinitionId, 60))} v{one.version}
              </option>
            ))}
          </select>
        </label>
        <span class="space" />
        <button type="button" onClick={close}>
          Leave it
        </button>
      </p>
      {definitions.error && <Trouble problem={definitions.error} retry={definitions.reload} />}
      {definitions.data && !choices.length && <p class="hint">There is no other definition yet: deploy the one that this instance is to go on in.</p>}
      {of && <Picture key={target} instance={instance} xml={xml} model={model} counts={counts} of={of} close={close} />}
    </section>
  );
}

function Picture({ instance, xml, model, counts, of, close }: Props & { of: Definition }) {
  const other = useLoad((signal) => get<string>(`v2/process-definitions/${of.processDefinitionKey}/xml`, { signal, text: true }), [of.processDefinitionKey]);
  const there = useMemo(() => (other.data ? readModel(other.data, of.processDefinitionId) : undefined), [other.data]);
  const active = counts.filter((count) => count.active || count.incidents).map((count) => count.elementId);
  const [changed, setChanged] = useState<Record<string, string>>({});
  const [picked, setPicked] = useState<string>();
  const [isAsking, setAsking] = useState(false);
  if (other.error) return <Trouble problem={other.error} retry={other.reload} />;
  if (!there) return <Loading />;
  const mappings = propose(active, model, there).map((one): Mapping => ({ ...one, target: changed[one.source] ?? one.target }));
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
  const act = async () => {
    const mappingInstructions = mappings.map((one) => ({ sourceElementId: one.source, targetElementId: one.target }));
    await post(`v2/process-instances/${instance.processInstanceKey}/migration`, { targetProcessDefinitionKey: of.processDefinitionKey, mappingInstructions });
  };
  const name = plain(cut(of.name || of.processDefinitionId, 60));
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
      <Diagram xml={other.data!} counts={[]} onSelect={pickThere} badges={numbers("target")} label={`Where it goes: ${name} v${of.version}`} />
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
        <button type="button" class="primary" disabled={open.length > 0} onClick={() => setAsking(true)}>
          Migrate to {name} v{of.version}
        </button>
      </p>
      {isAsking && (
        <Dialog title="Migrate the instance" verb="Migrate it" isDangerous act={async () => { await act(); setTimeout(close); }} close={() => setAsking(false)}>
          <p>
            {plain(instance.processDefinitionName || instance.processDefinitionId)} <b>{instance.processInstanceKey}</b> goes on in {name} v{of.version}, with {plural(mappings.length, "element")}, its jobs, user tasks, incidents and variables: all of it, or nothing happens.
          </p>
        </Dialog>
      )}
    </>
  );
}

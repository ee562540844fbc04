// What becomes of many instances of one definition when they are migrated or modified: said on its diagram, with what stands where.

import { useEffect, useMemo, useState } from "preact/hooks";
import { useLoad } from "../load";
import { STANDS } from "../migrate";
import { readModel } from "../model";
import { get, post } from "../server";
import { cut, number, plain } from "../text";
import type { Definition, ElementCounts } from "../things";
import { Loading, Trouble } from "../parts/basics";
import { Diagram, ElementList } from "../parts/diagram";
import { Migration, definitionName, useDefinitions } from "../parts/mapping";
import { Ask, type Chosen, type Kind } from "./instances_ask";
import { canEnter } from "./instance_modify";

interface Props {
  kind: Kind;
  chosen: Chosen;
  /** Of those that it may concern. */
  filter: Record<string, unknown>;
  all?: number;
  close: () => void;
}

/** Definitions that the chosen can be of. */
function possible(definitions: Definition[], chosen: Chosen, filter: Record<string, unknown>): Definition[] {
  if (chosen !== "all") {
    const keys = new Set([...chosen.values()].map((one) => one.processDefinitionKey));
    return definitions.filter((one) => keys.has(one.processDefinitionKey));
  }
  const is = (given: unknown, value: unknown) => given === undefined || given === value;
  return definitions.filter((one) => is(filter.processDefinitionKey, one.processDefinitionKey) && is(filter.processDefinitionId, one.processDefinitionId) && is(filter.processDefinitionVersion, one.version));
}

export function Plan({ kind, chosen, filter, all, close }: Props) {
  const definitions = useDefinitions();
  const [from, setFrom] = useState("");
  const choices = possible(definitions.data ?? [], chosen, filter);
  useEffect(() => {
    if (choices.length === 1) setFrom(choices[0]!.processDefinitionKey);
  }, [choices.length]);
  const of = choices.find((one) => one.processDefinitionKey === from);
  return (
    <section class="modify" aria-label={kind.title}>
      <p class="actions">
        <label class="field">
          <span>{kind.verb} instances of</span>
          <select aria-label={`${kind.verb} instances of`} value={from} onChange={(event) => setFrom(event.currentTarget.value)}>
            <option value="">pick a definition</option>
            {choices.map((one) => (
              <option value={one.processDefinitionKey}>{definitionName(one)}</option>
            ))}
          </select>
        </label>
        <span class="space" />
        <button type="button" onClick={close}>
          Leave it
        </button>
      </p>
      {definitions.error && <Trouble problem={definitions.error} retry={definitions.reload} />}
      {of && <Of key={from} kind={kind} of={of} definitions={definitions.data ?? []} filter={{ ...filter, processDefinitionKey: from }} all={all} />}
    </section>
  );
}

interface OfProps {
  kind: Kind;
  of: Definition;
  definitions: Definition[];
  filter: Record<string, unknown>;
  all?: number;
}

function Of({ kind, of, definitions, filter, all }: OfProps) {
  const key = of.processDefinitionKey;
  const xml = useLoad((signal) => get<string>(`v2/process-definitions/${key}/xml`, { signal, text: true }), [key]);
  const model = useMemo(() => (xml.data ? readModel(xml.data, of.processDefinitionId) : undefined), [xml.data]);
  const counts = useLoad((signal) => {
    const own = Object.fromEntries(Object.entries(filter).filter(([name]) => !name.startsWith("processDefinition")));
    return post<{ items: ElementCounts[] }>(`v2/process-definitions/${key}/statistics/element-instances`, { filter: own }, { signal });
  }, [filter, "counts"]);
  const [plan, setPlan] = useState<{ body: object; lines: string[] }>();
  const problem = xml.error ?? counts.error;
  if (problem) return <Trouble problem={problem} retry={() => { xml.reload(); counts.reload(); }} />;
  if (!model || !counts.data) return <Loading />;
  // What ended in them plays no part.
  const stand = counts.data.items.filter((one) => one.active || one.incidents).map((one) => ({ ...one, completed: 0, canceled: 0 }));
  const name = (id: string) => plain(cut(model.elements.get(id)?.name || id, 60));
  const others = [...model.elements.values()].filter((one) => STANDS.test(one.tag) && one.tag !== "exclusiveGateway").map((one) => one.id);
  return (
    <>
      {kind.plan === "migrate" && (
        <Migration
          from={of}
          definitions={definitions}
          xml={xml.data!}
          model={model}
          counts={stand}
          others={others}
          choose={(to, mappings) => setPlan({ body: { migrationPlan: { targetProcessDefinitionKey: to.processDefinitionKey, mappingInstructions: mappings } }, lines: [`From ${definitionName(of)} to ${definitionName(to)}.`] })}
        />
      )}
      {kind.plan === "modify" && <Moves xml={xml.data!} hasDiagram={model.hasDiagram} names={[...model.elements.values()]} counts={stand} name={name} canEnter={(id) => canEnter(model, id)} choose={(moves) => setPlan({ body: { moveInstructions: moves }, lines: moves.map((one) => `${name(one.sourceElementId)} to ${name(one.targetElementId)}`) })} />}
      {plan && (
        <Ask kind={kind} filter={filter} chosen={all} plan={plan.body} close={() => setPlan(undefined)}>
          <ul class="plan">
            {plan.lines.map((line) => (
              <li>{line}</li>
            ))}
          </ul>
        </Ask>
      )}
    </>
  );
}

interface Move {
  sourceElementId: string;
  targetElementId: string;
}

interface MovesProps {
  xml: string;
  hasDiagram: boolean;
  names: { id: string; name: string; tag: string }[];
  counts: ElementCounts[];
  name: (id: string) => string;
  canEnter: (id: string) => boolean;
  choose: (moves: Move[]) => void;
}

/** Picks an element, then the one that all move to that stands there. */
function Moves({ xml, hasDiagram, names, counts, name, canEnter, choose }: MovesProps) {
  const [moves, setMoves] = useState<Move[]>([]);
  const [picked, setPicked] = useState<string>();
  const standing = (id: string) => counts.find((one) => one.elementId === id);
  const select = (id: string | undefined) => {
    if (picked && id && id !== picked && canEnter(id)) {
      setMoves((old) => [...old.filter((one) => one.sourceElementId !== picked), { sourceElementId: picked, targetElementId: id }]);
      setPicked(undefined);
    } else setPicked(id && canEnter(id) ? id : undefined);
  };
  const badges = new Map<string, string>();
  for (const move of moves) {
    badges.set(move.sourceElementId, "→");
    badges.set(move.targetElementId, "+");
  }
  const at = picked ? standing(picked) : undefined;
  return (
    <>
      <p class="hint">
        {picked ? (
          <>
            {at ? number(at.active + at.incidents) : "None"} of them {(at?.active ?? 0) + (at?.incidents ?? 0) === 1 ? "stands" : "stand"} at <b>{name(picked)}</b> now. Pick where they move to.
          </>
        ) : (
          "Pick the element that they move from."
        )}
      </p>
      {hasDiagram ? <Diagram xml={xml} counts={counts} selected={picked} onSelect={select} badges={badges} label="Diagram to modify" /> : <ElementList names={names} counts={counts} selected={picked} onSelect={select} />}
      {moves.length > 0 && (
        <ol class="plan">
          {moves.map((move) => (
            <li key={move.sourceElementId}>
              Move all from <b>{name(move.sourceElementId)}</b> to <b>{name(move.targetElementId)}</b>{" "}
              <button type="button" class="more" onClick={() => setMoves((old) => old.filter((one) => one !== move))}>
                take back
              </button>
            </li>
          ))}
        </ol>
      )}
      <p class="actions">
        <span class="space" />
        <button type="button" class="primary" disabled={!moves.length} onClick={() => choose(moves)}>
          Move them
        </button>
      </p>
    </>
  );
}

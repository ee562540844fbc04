// Changes where an instance stands: elements are picked on the diagram, the plan is shown, then it is done in one step.

import { useState } from "preact/hooks";
import type { Model } from "../model";
import { post } from "../server";
import { plain, cut, plural } from "../text";
import type { ElementCounts, Instance } from "../things";
import { Dialog } from "../parts/dialog";
import { Diagram } from "../parts/diagram";
import { JsonField, wrong } from "../parts/json";

interface Plan {
  kind: "enter" | "end" | "move";
  elementId: string;
  target?: string;
}

interface Props {
  instance: Instance;
  xml: string;
  model: Model;
  counts: ElementCounts[];
  close: () => void;
}

/** What cannot be entered by a modification. */
const NOT_ENTERED = /^(startEvent|boundaryEvent|sequenceFlow|association|textAnnotation|dataObjectReference|dataStoreReference|laneSet|lane|group)$/;

export const canEnter = (model: Model, id: string) => !NOT_ENTERED.test(model.elements.get(id)?.tag ?? "sequenceFlow");

export function Modify({ instance, xml, model, counts, close }: Props) {
  const [plans, setPlans] = useState<Plan[]>([]);
  const [picked, setPicked] = useState<string>();
  const [moved, setMoved] = useState<string>();
  const [variables, setVariables] = useState("");
  const [isAsking, setAsking] = useState(false);
  const name = (id: string) => plain(cut(model.elements.get(id)?.name || id, 60));
  const active = (id: string) => counts.find((count) => count.elementId === id)?.active ?? 0;
  const add = (plan: Plan) => {
    setPlans((old) => [...old, plan]);
    setPicked(undefined);
    setMoved(undefined);
  };
  const select = (id: string | undefined) => {
    if (moved && id && id !== moved && canEnter(model, id)) add({ kind: "move", elementId: moved, target: id });
    else setPicked(id);
  };
  const sign = (plan: Plan) => (plan.kind === "enter" ? "+" : plan.kind === "end" ? "×" : "→");
  const badges = new Map<string, string>();
  for (const plan of plans) {
    badges.set(plan.elementId, sign(plan));
    if (plan.target) badges.set(plan.target, "+");
  }
  const act = async () => {
    const given = variables.trim();
    const withVariables = (elementId: string) => `{"elementId":${JSON.stringify(elementId)}${given ? `,"variableInstructions":[{"variables":${given}}]` : ""}}`;
    const of = (kind: Plan["kind"]) => plans.filter((plan) => plan.kind === kind);
    const enter = of("enter").map((plan) => withVariables(plan.elementId));
    const end = of("end").map((plan) => `{"elementId":${JSON.stringify(plan.elementId)}}`);
    const move = of("move").map((plan) => `{"sourceElementInstruction":{"sourceType":"byId","sourceElementId":${JSON.stringify(plan.elementId)}},"targetElementId":${JSON.stringify(plan.target)},"ancestorScopeInstruction":{"ancestorScopeType":"inferred"}${given ? `,"variableInstructions":[{"variables":${given}}]` : ""}}`);
    const parts = [enter.length && `"activateInstructions":[${enter}]`, end.length && `"terminateInstructions":[${end}]`, move.length && `"moveInstructions":[${move}]`].filter(Boolean);
    await post(`v2/process-instances/${instance.processInstanceKey}/modification`, undefined, { raw: `{${parts}}` });
  };
  return (
    <section class="modify" aria-label="Modify">
      <p class="hint">{moved ? <>Pick where <b>{name(moved)}</b> moves to.</> : picked ? <>Picked: <b>{name(picked)}</b></> : "Pick an element on the diagram."}</p>
      <Diagram xml={xml} counts={counts} selected={moved ?? picked} onSelect={select} badges={badges} label="Diagram to modify" />
      <p class="actions">
        {picked && canEnter(model, picked) && <button type="button" onClick={() => add({ kind: "enter", elementId: picked })}>Enter it</button>}
        {picked && active(picked) > 0 && <button type="button" onClick={() => add({ kind: "end", elementId: picked })}>End all {active(picked)} in it</button>}
        {picked && active(picked) > 0 && <button type="button" onClick={() => setMoved(picked)}>Move all {active(picked)} from it</button>}
        <span class="space" />
        <button type="button" onClick={close}>Leave it</button>
        <button type="button" class="primary" disabled={!plans.length} onClick={() => setAsking(true)}>Apply {plans.length ? plural(plans.length, "change") : ""}</button>
      </p>
      {plans.length > 0 && (
        <ol class="plan">
          {plans.map((plan, at) => (
            <li>
              {plan.kind === "enter" ? "Enter " : plan.kind === "end" ? "End all in " : "Move all from "}
              <b>{name(plan.elementId)}</b>
              {plan.target && (<> to <b>{name(plan.target)}</b></>)}{" "}
              <button type="button" class="more" onClick={() => setPlans((old) => old.filter((_, other) => other !== at))}>take back</button>
            </li>
          ))}
        </ol>
      )}
      {isAsking && (
        <Dialog title="Modify the instance" verb="Modify it" isDangerous canDo={!variables.trim() || !wrong(variables, "object")} act={async () => { await act(); setTimeout(close); }} close={() => setAsking(false)} isWide>
          <p>{plural(plans.length, "change")} to {plain(instance.processDefinitionName || instance.processDefinitionId)} <b>{instance.processInstanceKey}</b>, all in one step: either all of it happens or nothing.</p>
          <JsonField label="Variables that are set where elements are entered (optional)" rows={4} value={variables} onInput={setVariables} />
        </Dialog>
      )}
    </section>
  );
}

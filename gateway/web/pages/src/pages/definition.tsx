// One version of a process: its diagram with what became of its elements, its versions, and a start.

import { useMemo, useRef, useState } from "preact/hooks";
import { durations, heat, LOOKED_AT, type By } from "../heat";
import { SELDOM, useLoad } from "../load";
import { readModel } from "../model";
import { go, to } from "../route";
import { ask, get, isReadOnly, post, search } from "../server";
import { cut, duration, kindWords, number, plain } from "../text";
import type { Definition, ElementCounts, Form } from "../things";
import { Empty, Facts, Key, Loading, NotThere, Panel, State, Trouble } from "../parts/basics";
import { Diagram, ElementList } from "../parts/diagram";
import { Dialog } from "../parts/dialog";
import { FormOf, type FormHandle } from "../parts/form";
import { JsonField, wrong } from "../parts/json";
import { Table } from "../parts/table";
import { Compare } from "./definition_compare";
import { Delete } from "./definition_delete";

const VERSIONS = 500;

/** What the diagram can be colored by. */
const HEATS: [By, string][] = [["", "what became of it"], ["visits", "how often"], ["incidents", "incidents"], ["time", "how long"]];

export function DefinitionPage({ id }: { id: string }) {
  const { data, error, reload } = useLoad((signal) => get<Definition>(`v2/process-definitions/${id}`, { signal }), [id]);
  const xml = useLoad((signal) => get<string>(`v2/process-definitions/${id}/xml`, { signal, text: true }), [id, "xml"]);
  const counts = useLoad((signal) => post<{ items: ElementCounts[] }>(`v2/process-definitions/${id}/statistics/element-instances`, { filter: {} }, { signal }), [id, "counts"], SELDOM);
  const processId = data?.processDefinitionId;
  const versions = useLoad(async (signal) => (processId ? (await search<Definition>("process-definitions", { filter: { processDefinitionId: processId }, sort: [{ field: "version", order: "DESC" }], page: { limit: VERSIONS } }, { signal })).items : []), [processId]);
  const [elementId, setElementId] = useState<string>();
  const [asked, setAsked] = useState<"start" | "delete">();
  const [by, setBy] = useState<By>("");
  const taken = useLoad(async (signal) => (by === "time" ? durations(id, signal) : undefined), [id, "durations", by]);
  const hot = useMemo(() => heat(by, counts.data?.items ?? [], taken.data), [by, JSON.stringify(counts.data), taken.data]);
  const model = useMemo(() => (xml.data ? readModel(xml.data, processId) : undefined), [xml.data, processId]);
  const times = useMemo(() => (taken.data ? new Map([...taken.data].filter(([, one]) => one.median >= 1).map(([of, one]) => [of, duration(one.median)])) : undefined), [taken.data]);
  if (error && !data) return error.status === 404 ? <NotThere what="definition" id={id} all={[to("definitions"), "All definitions"]} /> : <Trouble problem={error} retry={reload} />;
  if (!data) return <Loading />;
  const name = data.name || data.processDefinitionId;
  const items = counts.data?.items ?? [];
  const isDeleted = data.state !== undefined && data.state !== "ACTIVE";
  const nameOf = (of: string) => plain(cut(model?.elements.get(of)?.name || of, 60));
  const rows = items.filter((row) => !elementId || row.elementId === elementId).sort((a, b) => b.incidents - a.incidents || b.active - a.active || b.completed - a.completed);
  return (
    <article>
      <header class="head">
        <h1>
          <bdi>{plain(cut(name, 120))}</bdi>{" "}
          <select aria-label="Version" value={id} onChange={(event) => go(to("definitions", event.currentTarget.value))}>
            {(versions.data?.length ? versions.data : [data]).map((one) => (
              <option value={one.processDefinitionKey}>
                v{one.version}
                {one.versionTag ? ` ${plain(cut(one.versionTag, 30))}` : ""}
              </option>
            ))}
          </select>
          {isDeleted && <State state="DELETED" />}
        </h1>
        <Facts of={[["Id", <bdi>{plain(cut(data.processDefinitionId, 80))}</bdi>], ["Key", <Key value={data.processDefinitionKey} />], ["File", <bdi>{plain(cut(data.resourceName, 80))}</bdi>]]} />
        <p class="actions">
          {!isReadOnly && !isDeleted && (
            <button type="button" class="primary" onClick={() => setAsked("start")}>
              Start an instance
            </button>
          )}
          <a class="button" href={to("instances", "", { definition: id, state: "running" })}>
            Its instances
          </a>
          {!isReadOnly && (
            <button type="button" class="danger" onClick={() => setAsked("delete")}>
              Delete
            </button>
          )}
        </p>
      </header>
      {model && !model.hasDiagram ? (
        <ElementList names={[...model.elements.values()].filter((one) => !one.source)} counts={items} selected={elementId} onSelect={setElementId} />
      ) : xml.data ? (
        <>
          <p class="heats">
            <label class="field inline">
              <span>The diagram shows</span>
              <select value={by} onChange={(event) => setBy(event.currentTarget.value as By)}>
                {HEATS.map(([name, title]) => (
                  <option value={name}>{title}</option>
                ))}
              </select>
            </label>
            {by === "time" && <span class="faint">median of the newest {number(LOOKED_AT)} that were completed, of all elements together</span>}
            {hot?.size === 0 && !taken.isLoading && <span class="faint">there is nothing to show yet</span>}
          </p>
          <Diagram xml={xml.data} counts={by === "time" ? [] : items} badges={times} heat={hot} selected={elementId} onSelect={setElementId} label={`Diagram of ${plain(name)}`} />
        </>
      ) : (
        xml.error && <Trouble problem={xml.error} retry={xml.reload} />
      )}
      <Panel title="What became of its elements" count={elementId ? nameOf(elementId) : undefined} tools={elementId ? <button type="button" class="more" onClick={() => setElementId(undefined)}>show all</button> : undefined}>
        {rows.length === 0 ? (
          <Empty>No instance of this version has come {elementId ? "here" : "anywhere"} yet.</Empty>
        ) : (
          <Table
            label="Elements"
            rows={rows}
            keyOf={(row) => row.elementId}
            columns={[
              { title: "Element", kind: "wide", show: (row) => <bdi>{nameOf(row.elementId)}</bdi> },
              { title: "Kind", kind: "minor", show: (row) => <span class="faint">{kindWords(model?.elements.get(row.elementId)?.tag ?? "")}</span> },
              { title: "Active", kind: "number", show: (row) => (row.active ? <a href={to("instances", "", { definition: id, element: row.elementId, state: "running" })}>{number(row.active)}</a> : <span class="faint">0</span>) },
              { title: "Incidents", kind: "number", show: (row) => (row.incidents ? <b class="failed">{number(row.incidents)}</b> : <span class="faint">0</span>) },
              { title: "Completed", kind: "number", show: (row) => number(row.completed) },
              { title: "Canceled", kind: "number minor", show: (row) => number(row.canceled) },
              ...(taken.data ? [
                { title: "Median", kind: "number", show: (row: ElementCounts) => long(taken.data?.get(row.elementId)?.median) },
                { title: "Slowest 5 %", kind: "number minor", show: (row: ElementCounts) => long(taken.data?.get(row.elementId)?.slow) },
              ] : []),
            ]}
          />
        )}
      </Panel>
      {xml.data && model?.hasDiagram && <Compare key={id} definition={data} xml={xml.data} versions={versions.data ?? []} />}
      {asked === "start" && <Start definition={data} close={() => setAsked(undefined)} />}
      {asked === "delete" && <Delete definition={data} isDeleted={isDeleted} close={() => { setAsked(undefined); reload(); versions.reload(); }} />}
    </article>
  );
}

const long = (ms?: number) => (ms === undefined ? <span class="faint">–</span> : duration(ms));

function Start({ definition, close }: { definition: Definition; close: () => void }) {
  const form = useLoad(async (signal) => (definition.hasStartForm ? get<Form | undefined>(`v2/process-definitions/${definition.processDefinitionKey}/form`, { signal }) : undefined), [definition.processDefinitionKey, "form"]);
  const handle = useRef<FormHandle>(null);
  const [text, setText] = useState("");
  const [business, setBusiness] = useState("");
  const act = async () => {
    let variables = text.trim() || "{}";
    if (form.data) {
      const entered = handle.current?.submit();
      if (!entered) throw new Error("Something in the form is not as it should be.");
      variables = JSON.stringify(entered);
    }
    const more = business.trim() ? `,"businessId":${JSON.stringify(business.trim())}` : "";
    const raw = `{"processDefinitionKey":${JSON.stringify(definition.processDefinitionKey)},"variables":${variables}${more}}`;
    const { processInstanceKey } = await ask<{ processInstanceKey: string }>("POST", "v2/process-instances", undefined, { raw });
    setTimeout(() => go(to("instances", processInstanceKey)));
  };
  return (
    <Dialog title={`Start ${plain(cut(definition.name || definition.processDefinitionId, 80))} v${definition.version}`} verb="Start it" canDo={!!form.data || !text.trim() || !wrong(text, "object")} act={act} close={close} isWide>
      {form.isLoading ? <Loading /> : form.data ? <FormOf schema={form.data.schema} data={{}} handle={(one) => (handle.current = one)} /> : <JsonField label="Variables, as a JSON object (optional)" value={text} onInput={setText} />}
      <label class="field">
        <span>Business id (optional)</span>
        <input value={business} maxLength={256} onInput={(event) => setBusiness(event.currentTarget.value)} />
      </label>
    </Dialog>
  );
}

// One instance: first what it waits for or why it failed, then where it stands, its history, and all that belongs to it.

import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { told } from "../live";
import { OFTEN, SELDOM, useLoad, type Probe } from "../load";
import { readModel } from "../model";
import { to } from "../route";
import { get, isReadOnly, search } from "../server";
import { cut, plain } from "../text";
import { useTicking } from "../tick";
import type { ElementCounts, ElementInstance, Incident, Instance, Job, Subscription, Timer, UserTask, WaitState } from "../things";
import { edgeOf, LEAVES, OPEN_JOBS, OPEN_TASKS, sentence, type Known, type Sentence } from "../words";
import { Facts, isKey, Key, Loading, NotThere, State, Time, Took, Trouble, Words } from "../parts/basics";
import { Diagram, ElementList } from "../parts/diagram";
import { Tree } from "../parts/tree";
import { Actions } from "./instance_actions";
import { Details } from "./instance_details";
import { Migrate } from "./instance_migrate";
import { Modify } from "./instance_modify";
import { Replay } from "./instance_replay";

interface Now {
  known: Omit<Known, "model">;
  taken: string[];
}

/** Rows that the sentence looks at. */
const LOOK = 50;

const loadCounts = async (key: string, signal: AbortSignal) => (await get<{ items: ElementCounts[] }>(`v2/process-instances/${key}/statistics/element-instances`, { signal })).items;

async function loadNow(key: string, signal: AbortSignal): Promise<Now> {
  const asking = { signal };
  const page = { limit: LOOK };
  const mine = { processInstanceKey: key };
  const [instance, flows, incidents, active, jobs, tasks, subscriptions, called] = await Promise.all([
    get<Instance>(`v2/process-instances/${key}`, asking),
    get<{ items: { elementId: string }[] }>(`v2/process-instances/${key}/sequence-flows`, asking),
    search<Incident>(`process-instances/${key}/incidents`, { filter: { state: "ACTIVE" }, page, sort: [{ field: "creationTime", order: "ASC" }] }, asking),
    search<ElementInstance>("element-instances", { filter: { ...mine, state: "ACTIVE", hasIncident: false, $or: LEAVES }, page }, asking),
    search<Job>("jobs", { filter: { ...mine, state: OPEN_JOBS, retries: { $gt: 0 } }, page }, asking),
    search<UserTask>("user-tasks", { filter: { ...mine, state: OPEN_TASKS }, page }, asking),
    search<Subscription>("message-subscriptions", { filter: { ...mine, messageSubscriptionState: "CREATED" }, page }, asking),
    search<Instance>("process-instances", { filter: { parentProcessInstanceKey: key }, page, sort: [{ field: "startDate", order: "DESC" }] }, asking),
  ]);
  // Levels of the API before 8.10 do not tell.
  const waits = active.items.some((one) => /CATCH_EVENT|EVENT_BASED/.test(one.type))
    ? await search<WaitState>("element-instances/wait-states", { filter: { ...mine, waitStateType: { $in: ["TIMER", "SIGNAL", "CONDITION"] } }, page }, asking).then(({ items }) => items, () => [])
    : [];
  const known = {
    waits,
    instance, incidents: incidents.items, incidentCount: incidents.page.totalItems, active: active.items, activeCount: active.page.totalItems,
    jobs: jobs.items, tasks: tasks.items, subscriptions: subscriptions.items, called: called.items,
  };
  return { known, taken: flows.items.map((flow) => flow.elementId) };
}

export function InstancePage({ id }: { id: string }) {
  const [isLive, setLive] = useState(true);
  // What stands where is one small request, before and beside the others: tokens move as soon as it is answered.
  const everyMs = isLive ? 2 * OFTEN : 4 * SELDOM;
  const probe: Probe<ElementCounts[]> = { ask: async (signal) => JSON.stringify(await loadCounts(id, signal)), seen: JSON.stringify };
  const counts = useLoad((signal) => loadCounts(id, signal), [id, "counts"], everyMs, id, isLive ? probe : undefined);
  const { data, error, reload: reloadNow } = useLoad((signal) => loadNow(id, signal), [id], everyMs, id);
  const where = JSON.stringify(counts.data);
  const stood = useRef<string | undefined>(undefined);
  useEffect(() => {
    // Where nobody tells it, that something moved is seen by what stands where.
    if (stood.current && stood.current !== where && !told()) reloadNow();
    stood.current = where;
  }, [where]);
  const reload = () => {
    counts.reload();
    reloadNow();
  };
  const definitionKey = data?.known.instance.processDefinitionKey ?? "";
  const xml = useLoad(async (signal) => (definitionKey ? get<string>(`v2/process-definitions/${definitionKey}/xml`, { signal, text: true }) : ""), [definitionKey]);
  const [picked, setPicked] = useState<ElementInstance>();
  const [elementId, setElementId] = useState<string>();
  const [shown, setShown] = useState<"now" | "modify" | "migrate" | "replay">("now");
  const text = xml.data || "";
  const processId = data?.known.instance.processDefinitionId;
  const model = useMemo(() => (text ? readModel(text, processId) : undefined), [text, processId]);
  const hasTimers = [...(model?.elements.values() ?? [])].some((one) => one.timer !== undefined);
  const isOver = ["COMPLETED", "TERMINATED"].includes(data?.known.instance.state ?? "");
  const timers = useLoad(
    async (signal) => (hasTimers && !isOver ? (await search<Timer>("timers", { filter: { processInstanceKey: id }, sort: [{ field: "dueDate", order: "ASC" }], page: { limit: LOOK } }, { signal })).items : []),
    [id, "timers", hasTimers, isOver], hasTimers && !isOver ? everyMs : 0, id,
  );
  if (error && !data) {
    if (error.status !== 404 && isKey(id)) return <Trouble problem={error} retry={reload} />;
    return <NotThere what="instance" id={id} all={[to("instances"), "All instances"]}>: it never was, or it ended so long ago that it is no longer kept</NotThere>;
  }
  if (!data) return <Loading />;
  const { instance } = data.known;
  const isActive = instance.state === "ACTIVE";
  if (isActive !== isLive) setLive(isActive);
  const nameOf = (of: string) => model?.elements.get(of)?.name;
  const selectElement = (of: string | undefined) => {
    setElementId(of);
    setPicked(undefined);
  };
  const selectInstance = (of: ElementInstance | undefined) => {
    setPicked(of);
    setElementId(of?.elementId);
  };
  return (
    <article class="instance">
      <Head instance={instance} replay={model?.hasDiagram && shown === "now" ? () => setShown("replay") : undefined} />
      <Said known={{ ...data.known, timers: timers.data, model }}>
        <Actions known={data.known} reload={reload} modify={isActive && model?.hasDiagram && shown === "now" ? () => setShown("modify") : undefined} migrate={isActive && model?.hasDiagram && shown === "now" ? () => setShown("migrate") : undefined} />
      </Said>
      {shown === "replay" && model ? (
        <Replay instance={instance} xml={text} model={model} close={() => setShown("now")} />
      ) : shown === "modify" && model ? (
        <Modify instance={instance} xml={text} model={model} counts={counts.data ?? []} close={() => { setShown("now"); reload(); }} />
      ) : shown === "migrate" && model ? (
        <Migrate instance={instance} xml={text} model={model} counts={counts.data ?? []} close={() => { setShown("now"); reload(); }} />
      ) : model && !model.hasDiagram ? (
        <ElementList names={[...model.elements.values()].filter((one) => !one.source)} counts={counts.data ?? []} selected={elementId} onSelect={selectElement} lacks={isActive && !isReadOnly ? "without one nothing can be modified, migrated or replayed here, but over the REST API" : "without one there is no replay"} />
      ) : text ? (
        <Diagram xml={text} counts={counts.data ?? []} taken={data.taken} selected={elementId} onSelect={selectElement} label={`Diagram of ${plain(instance.processDefinitionName || instance.processDefinitionId)}`} />
      ) : (
        <div class="diagram">{xml.error ? <Trouble problem={xml.error} retry={xml.reload} /> : null}</div>
      )}
      <div class="halves">
        <section class="panel history" aria-label="History">
          <header>
            <h2>History</h2>
            <span class="count">how long each took</span>
          </header>
          <Tree instance={instance} called={data.known.called} selected={picked?.elementInstanceKey} onSelect={selectInstance} nameOf={nameOf} hostOf={(of) => model && edgeOf(of, model)} />
        </section>
        <Details key={id} known={{ ...data.known, timers: timers.data }} model={model} elementId={elementId} picked={picked} clear={() => selectElement(undefined)} reload={reload} />
      </div>
    </article>
  );
}

/** What it does now. Its durations go on; it is read out only when it says something else. */
function Said({ known, children }: { known: Known; children: ComponentChildren }) {
  const said = JSON.parse(useTicking(() => JSON.stringify(sentence(known)), known.instance.state === "ACTIVE" || known.instance.state === "SUSPENDED")) as Sentence;
  const what = [said.text, ...said.more].join(" ");
  const read = useRef("");
  if (what.replace(/\d+/g, "") !== read.current.replace(/\d+/g, "")) read.current = what;
  return (
    <section class={`sentence ${said.kind}`} aria-label="What it does now">
      <p>{said.text}</p>
      {said.more.map((line) => (
        <p class="more-of-it">{line}</p>
      ))}
      {children}
      <div class="unseen" aria-live="polite">{read.current}</div>
    </section>
  );
}

function Head({ instance, replay }: { instance: Instance; replay?: () => void }) {
  const name = instance.processDefinitionName || instance.processDefinitionId;
  return (
    <header class="head">
      <h1>
        <a href={to("definitions", instance.processDefinitionKey)}>
          <bdi>{plain(cut(name, 120))}</bdi>
        </a>{" "}
        <span class="version">
          v{instance.processDefinitionVersion}
          {instance.processDefinitionVersionTag && ` ${plain(cut(instance.processDefinitionVersionTag, 40))}`}
        </span>{" "}
        <State state={instance.state} hasIncident={instance.hasIncident} />
      </h1>
      <Facts
        of={[
          ["Key", <Key value={instance.processInstanceKey} />],
          ...(instance.businessId ? ([["Business id", <Words text={instance.businessId} most={60} />]] as [string, preact.ComponentChild][]) : []),
          ["Started", <Time at={instance.startDate} />],
          instance.endDate ? ["Ended", <Time at={instance.endDate} />] : ["Running for", <Took start={instance.startDate} end={null} />],
          ...(instance.parentProcessInstanceKey ? ([["Called by", <a href={to("instances", instance.parentProcessInstanceKey)}>{instance.parentProcessInstanceKey}</a>]] as [string, preact.ComponentChild][]) : []),
          ...(instance.tags?.length ? ([["Tags", instance.tags.map(plain).join(", ")]] as [string, preact.ComponentChild][]) : []),
        ]}
      />
      {replay && (
        <p class="actions">
          <button type="button" onClick={replay}>
            Replay
          </button>
        </p>
      )}
    </header>
  );
}

// What belongs to an instance, or to the element that is picked: variables, incidents, jobs, user tasks, messages, decisions, calls.

import { useState } from "preact/hooks";
import { useLoad, SELDOM } from "../load";
import type { Model } from "../model";
import { to } from "../route";
import { ask, isReadOnly, search, type Page } from "../server";
import { cut, lower, number, plain } from "../text";
import type { DecisionInstance, ElementInstance, Incident, Instance, Job, Subscription, Timer, UserTask } from "../things";
import { edgeOf, reason, whereOf, type Known } from "../words";
import { Due, Empty, Key, Line, Loading, State, Time, Trouble, whyNot, Words } from "../parts/basics";
import { Table, type Column } from "../parts/table";
import { Variables } from "../parts/variables";
import { resolve } from "./instance_actions";

const TABS = ["Variables", "Incidents", "Jobs", "User tasks", "Messages", "Timers", "Decisions", "Called"] as const;
type Tab = (typeof TABS)[number];
const LIMIT = 100;

interface Props {
  known: Omit<Known, "model">;
  model?: Model;
  elementId?: string;
  picked?: ElementInstance;
  clear: () => void;
  reload: () => void;
}

export function Details(props: Props) {
  const { known, model, elementId, picked, clear } = props;
  const [tab, setTab] = useState<Tab>(known.incidentCount ? "Incidents" : "Variables");
  const key = known.instance.processInstanceKey;
  const counts: Partial<Record<Tab, number>> = { Incidents: known.incidentCount, Jobs: known.jobs.length, "User tasks": known.tasks.length, Messages: known.subscriptions.length, Timers: known.timers?.length, Called: known.called.length };
  const name = elementId && (model?.elements.get(elementId)?.name || elementId);
  const scopeName = (scope: string) => (scope === key ? "the instance" : scope === picked?.elementInstanceKey ? plain(cut(name ?? scope, 40)) : scope);
  const keys = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!step) return;
    const next = TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length]!;
    setTab(next);
    (event.currentTarget as Element).querySelector<HTMLElement>(`[data-tab="${next}"]`)?.focus();
  };
  return (
    <section class="panel details" aria-label="Details">
      <div class="tabs" role="tablist" aria-label="Details" onKeyDown={keys}>
        {TABS.map((one) => (
          <button type="button" role="tab" data-tab={one} tabIndex={tab === one ? 0 : -1} aria-selected={tab === one} onClick={() => setTab(one)}>
            {one} {counts[one] ? <span class={`count ${one === "Incidents" ? "failed" : ""}`}>{number(counts[one])}</span> : null}
          </button>
        ))}
      </div>
      <div role="tabpanel" aria-label={tab}>
        {elementId && (
          <p class="picked">
            Only of <b>{plain(cut(name ?? elementId, 80))}</b> {picked && <Key value={picked.elementInstanceKey} />}{" "}
            <button type="button" class="more" onClick={clear}>
              show all
            </button>
          </p>
        )}
        {tab === "Variables" ? (
          <Variables key={picked?.elementInstanceKey ?? ""} instanceKey={key} scopeKey={picked ? picked.elementInstanceKey : elementId ? undefined : key} scopeName={scopeName} isActive={picked ? picked.state === "ACTIVE" : known.instance.state === "ACTIVE"} />
        ) : (
          <Rows {...props} tab={tab} />
        )}
      </div>
    </section>
  );
}

interface View {
  what: string;
  sort: string;
  columns: (props: Props) => Column<never>[];
  keyOf: (row: never) => string;
  none: string;
  /** What comes first; the newest otherwise. */
  order?: "ASC";
}

const who = (task: UserTask) => (task.assignee ? plain(cut(task.assignee, 40)) : [...task.candidateGroups, ...task.candidateUsers].map(plain).slice(0, 3).join(", "));
const column = <T,>(title: string, show: Column<T>["show"], kind?: string): Column<T> => ({ title, show, kind });
const elementColumn = <T extends { elementId: string }>({ model }: Props) => column<T>("Element", (row) => <><bdi>{plain(cut(model?.elements.get(row.elementId)?.name || row.elementId, 60))}</bdi>{model && edgeOf(row.elementId, model) && <small class="faint"> {edgeOf(row.elementId, model)}</small>}</>, "text");

/** Whether a worker may be at work on it: it took it, has said nothing of it, and its time is not over. */
const hasIt = (row: Job) => !row.endTime && row.deadline !== null && ["CREATED", "TIMEOUT_UPDATED"].includes(row.state) && new Date(row.deadline).getTime() > Date.now();

const VIEWS: Record<Exclude<Tab, "Variables">, View> = {
  Incidents: {
    what: "incidents", sort: "creationTime", none: "Nothing has failed here.", keyOf: (row: Incident) => row.incidentKey,
    columns: (props) => [
      elementColumn<Incident>(props),
      column<Incident>("Why", (row) => (<><b>{reason(row.errorType)}</b><br /><Words text={row.errorMessage} most={300} /></>), "wide"),
      column<Incident>("Since", (row) => <Time at={row.creationTime} />, "minor"),
      column<Incident>("State", (row) => <State state={row.state === "ACTIVE" || row.state === "PENDING" ? "INCIDENT" : row.state} />, "minor"),
      ...(isReadOnly ? [] : [column<Incident>("", (row) => row.state === "ACTIVE" && <Retry incident={row} reload={props.reload} />, "tools")]),
    ] as Column<never>[],
  },
  Jobs: {
    what: "jobs", sort: "jobKey", none: "There are no jobs here.", keyOf: (row: Job) => row.jobKey,
    columns: (props) => [
      elementColumn<Job>(props),
      column<Job>("Type", (row) => (<><Line text={row.type} most={60} />{row.kind !== "BPMN_ELEMENT" && <span class="faint"> {lower(row.kind)}</span>}</>)),
      column<Job>("State", (row) => <State state={row.state === "FAILED" && row.retries > 0 ? "CREATED" : row.state} />),
      column<Job>("Worker", (row) => (row.worker ? <><Line text={row.worker} most={40} />{hasIt(row) && <small> has it until <Time at={row.deadline} /></small>}</> : <span class="faint">–</span>), "text"),
      column<Job>("Retries", (row) => row.retries, "number"),
      column<Job>("Headers", (row) => <Words text={Object.entries(row.customHeaders).map(([name, value]) => `${name}=${value}`).join(" ")} most={80} />, "minor"),
      column<Job>("Last error", (row) => <Words text={row.errorMessage} most={120} />, "wide"),
      ...(isReadOnly ? [] : [column<Job>("", (row) => !row.endTime && row.retries === 0 && !props.known.incidents.some((incident) => incident.jobKey === row.jobKey) && <GiveRetry job={row} reload={props.reload} />, "tools")]),
    ] as Column<never>[],
  },
  "User tasks": {
    what: "user-tasks", sort: "creationDate", none: "There are no user tasks here.", keyOf: (row: UserTask) => row.userTaskKey,
    columns: () => [
      column<UserTask>("Task", (row) => <a href={to("tasks", row.userTaskKey)}><bdi>{plain(cut(row.name || row.elementId, 60))}</bdi></a>, "wide"),
      column<UserTask>("State", (row) => <State state={row.state} />),
      column<UserTask>("For", (row) => who(row) || <span class="faint">anybody</span>),
      column<UserTask>("Due", (row) => <Time at={row.dueDate} />, "minor"),
      column<UserTask>("Priority", (row) => row.priority, "number minor"),
    ] as Column<never>[],
  },
  Messages: {
    what: "message-subscriptions", sort: "lastUpdatedDate", none: "It waits for no message here.", keyOf: (row: Subscription) => row.messageSubscriptionKey,
    columns: (props) => [
      elementColumn<Subscription>(props),
      column<Subscription>("Message", (row) => <Line text={row.messageName} most={60} />),
      column<Subscription>("Correlation key", (row) => <Words text={row.correlationKey} most={60} />, "wide"),
      column<Subscription>("State", (row) => <State state={row.messageSubscriptionState} />),
      column<Subscription>("Since", (row) => <Time at={row.lastUpdatedDate} />, "minor"),
      ...(isReadOnly ? [] : [column<Subscription>("", (row) => row.messageSubscriptionState === "CREATED" && <a href={to("messages", "", { name: row.messageName, key: row.correlationKey ?? undefined })}>Publish</a>, "tools")]),
    ] as Column<never>[],
  },
  Timers: {
    what: "timers", sort: "dueDate", order: "ASC", none: "No timer runs here.", keyOf: (row: Timer) => row.timerKey,
    columns: ({ model }) => [
      column<Timer>("Timer", (row) => <bdi>{whereOf(row, model).replace(/,$/, "")}</bdi>, "wide"),
      column<Timer>("Due", (row) => <Time at={row.dueDate} />),
      column<Timer>("", (row) => <Due at={row.dueDate} />),
      column<Timer>("Fires", (row) => (row.repetitions === null || row.repetitions === 1 ? "once" : row.repetitions < 0 ? "again and again" : `${number(row.repetitions)} times`), "minor"),
    ] as Column<never>[],
  },
  Decisions: {
    what: "decision-instances", sort: "evaluationDate", none: "No decision was evaluated here.", keyOf: (row: DecisionInstance) => row.decisionEvaluationInstanceKey,
    columns: () => [
      column<DecisionInstance>("Decision", (row) => <a href={to("decision-instances", row.decisionEvaluationInstanceKey)}><bdi>{plain(cut(row.decisionDefinitionName || row.decisionDefinitionId, 60))}</bdi></a>),
      column<DecisionInstance>("State", (row) => <State state={row.state} />),
      column<DecisionInstance>("Result", (row) => <Words text={row.evaluationFailure || row.result} most={120} />, "wide"),
      column<DecisionInstance>("At", (row) => <Time at={row.evaluationDate} />, "minor"),
    ] as Column<never>[],
  },
  Called: {
    what: "process-instances", sort: "startDate", none: "It has called no instances.", keyOf: (row: Instance) => row.processInstanceKey,
    columns: () => [
      column<Instance>("Instance", (row) => <a href={to("instances", row.processInstanceKey)}><bdi>{plain(cut(row.processDefinitionName || row.processDefinitionId, 60))}</bdi> {row.processInstanceKey}</a>, "wide"),
      column<Instance>("State", (row) => <State state={row.state} hasIncident={row.hasIncident} />),
      column<Instance>("Started", (row) => <Time at={row.startDate} />),
    ] as Column<never>[],
  },
};

function Rows(props: Props & { tab: Exclude<Tab, "Variables"> }) {
  const { tab, known, elementId, picked } = props;
  const view = VIEWS[tab];
  const key = known.instance.processInstanceKey;
  const filter = tab === "Called"
    ? { parentProcessInstanceKey: key, ...(picked && { parentElementInstanceKey: picked.elementInstanceKey }) }
    : { processInstanceKey: key, ...(picked ? { elementInstanceKey: picked.elementInstanceKey } : elementId && tab !== "Decisions" ? { elementId } : {}) };
  const query = { filter, sort: [{ field: view.sort, order: view.order ?? ("DESC" as const) }], page: { limit: LIMIT } };
  // What the page knows of them tells when to look again.
  const changes = JSON.stringify([known.incidents.map((one) => one.incidentKey), known.jobs, known.tasks, known.subscriptions, known.timers, known.called.length, known.active.map((one) => one.elementInstanceKey)]);
  const { data, error, reload } = useLoad<Page<never>>((signal) => search(view.what, query, { signal }), [view.what, filter, known.instance.state], known.instance.state === "ACTIVE" ? SELDOM : 0, key);
  const [seen, setSeen] = useState(changes);
  if (seen !== changes) {
    setSeen(changes);
    reload();
  }
  if (error && !data) return <Trouble problem={error} retry={reload} />;
  if (!data) return <Loading />;
  if (!data.items.length) return <Empty>{view.none}</Empty>;
  return (
    <>
      <Table label={tab} rows={data.items} keyOf={view.keyOf} columns={view.columns({ ...props, reload: () => { reload(); props.reload(); } })} />
      {data.page.totalItems > data.items.length && <p class="below faint">The {view.order ? "first" : "newest"} {LIMIT} of {number(data.page.totalItems)}.</p>}
    </>
  );
}

function Retry({ incident, reload }: { incident: Incident; reload: () => void }) {
  return <Doing verb="Try again" act={() => resolve(incident)} done={reload} />;
}

function GiveRetry({ job, reload }: { job: Job; reload: () => void }) {
  return <Doing verb="Give a retry" act={() => ask("PATCH", `v2/jobs/${job.jobKey}`, { changeset: { retries: 1 } })} done={reload} />;
}

/** A button that does something small at once, and says so when it did not work. */
function Doing({ verb, act, done }: { verb: string; act: () => Promise<unknown>; done: () => void }) {
  const [state, setState] = useState<"idle" | "busy" | string>("idle");
  const run = async () => {
    setState("busy");
    try {
      await act();
      setState("idle");
      done();
    } catch (error) {
      setState(whyNot(error));
    }
  };
  return (
    <>
      <button type="button" class="quiet" disabled={state === "busy"} onClick={run}>
        {state === "busy" ? "Working" : verb}
      </button>
      {state !== "idle" && state !== "busy" && <small class="wrong">{plain(cut(state, 300))}</small>}
    </>
  );
}

// One sentence about an instance: what it waits for, or why it failed. Only what is known is said.

import type { Model } from "./model";
import type { ElementInstance, Incident, Instance, Job, Subscription, Timer, UserTask, WaitState } from "./things";
import { between, cut, dueIn, lower, number, plain, plural } from "./text";

export interface Sentence {
  kind: "failed" | "waits" | "ended";
  /** The sentence itself. */
  text: string;
  /** What else there is, a line each. */
  more: string[];
}

export interface Known {
  instance: Instance;
  incidents: Incident[];
  incidentCount: number;
  /** Element instances that are active and hold no others. */
  active: ElementInstance[];
  activeCount: number;
  jobs: Job[];
  tasks: UserTask[];
  subscriptions: Subscription[];
  /** Timers, signals and conditions that catch events wait for; none where nobody tells. */
  waits: WaitState[];
  called: Instance[];
  /** All timers that have not fired, the next first; none where nobody tells. */
  timers?: Timer[];
  model?: Model;
}

/** Lines beside the sentence. */
const MORE_MAX = 4;
/** Of timers and of messages that may come in between, so many of each. */
const BETWEEN_MAX = 2;

/** Kinds of element instances that hold others; what they wait for is inside them. */
export const SCOPES = ["PROCESS", "SUB_PROCESS", "EVENT_SUB_PROCESS", "MULTI_INSTANCE_BODY", "AD_HOC_SUB_PROCESS", "AD_HOC_SUB_PROCESS_INNER_INSTANCE"];

/** Kinds that hold no others, as filters: the API has no other way to leave the scopes out. */
export const LEAVES = [
  "SERVICE_TASK", "USER_TASK", "RECEIVE_TASK", "SEND_TASK", "SCRIPT_TASK", "BUSINESS_RULE_TASK", "MANUAL_TASK", "TASK", "CALL_ACTIVITY", "START_EVENT", "INTERMEDIATE_CATCH_EVENT", "INTERMEDIATE_THROW_EVENT",
  "BOUNDARY_EVENT", "END_EVENT", "EXCLUSIVE_GATEWAY", "INCLUSIVE_GATEWAY", "PARALLEL_GATEWAY", "EVENT_BASED_GATEWAY", "UNKNOWN",
].map((type) => ({ type }));

/** States of jobs and of user tasks that are not over. */
export const OPEN_JOBS = { $in: ["CREATED", "FAILED", "TIMED_OUT", "RETRIES_UPDATED", "TIMEOUT_UPDATED", "PRIORITY_UPDATED", "MIGRATED"] };
export const OPEN_TASKS = { $in: ["CREATING", "CREATED", "ASSIGNING", "UPDATING", "COMPLETING", "CANCELING", "FAILED"] };

const REASONS: Record<string, string> = {
  JOB_NO_RETRIES: "its job failed and has no retries left",
  EXECUTION_LISTENER_NO_RETRIES: "the job of its execution listener failed and has no retries left",
  TASK_LISTENER_NO_RETRIES: "the job of its task listener failed and has no retries left",
  CALLED_ELEMENT_ERROR: "the process that it calls cannot be called",
  CALLED_DECISION_ERROR: "the decision that it calls cannot be called",
  DECISION_EVALUATION_ERROR: "its decision could not be evaluated",
  EXTRACT_VALUE_ERROR: "an expression has no usable value",
  IO_MAPPING_ERROR: "a mapping of its variables failed",
  CONDITION_ERROR: "no condition holds, or one cannot be evaluated",
  UNHANDLED_ERROR_EVENT: "an error was thrown that nothing catches",
  FORM_NOT_FOUND: "its form is not deployed",
  RESOURCE_NOT_FOUND: "a resource that it needs is not deployed",
  MESSAGE_SIZE_EXCEEDED: "what it writes is larger than a record may be",
};

export const reason = (errorType: string) => REASONS[errorType] ?? lower(errorType);

export function sentence(known: Known): Sentence {
  const { instance } = known;
  if (instance.state === "COMPLETED") return { kind: "ended", text: `Completed after ${between(instance.startDate, instance.endDate)}.`, more: [] };
  if (instance.state === "TERMINATED") return { kind: "ended", text: `Canceled after ${between(instance.startDate, instance.endDate)}.`, more: [] };
  const failed = ofIncidents(known);
  const waiting = grouped(known.active.map((element) => ofElement(element, known)));
  const all = [...failed, ...waiting];
  // What rests waits for nothing but that somebody lets it go on; what it would wait for comes after that.
  if (instance.state === "SUSPENDED") all.unshift(`Suspended${instance.suspendedDate ? ` since ${between(instance.suspendedDate, null)}` : ""}: nothing moves until it is resumed.`);
  const first = all.shift();
  if (!first) {
    if (instance.hasIncident) return { kind: "failed", text: "An instance that this one called has an incident.", more: [] };
    return { kind: "waits", text: "It is running: at this moment nothing in it waits.", more: [] };
  }
  const more = all.slice(0, MORE_MAX);
  if (all.length > MORE_MAX || known.activeCount > known.active.length) {
    more.push(`In all it stands at ${plural(known.incidentCount + known.activeCount, "place")}${known.incidentCount ? `, ${number(known.incidentCount)} of them with an incident` : ""}.`);
  }
  for (const timer of (known.timers ?? []).filter((one) => one.elementType !== "INTERMEDIATE_CATCH_EVENT").slice(0, BETWEEN_MAX)) more.push(`The timer ${whereOf(timer, known.model)} ${dueIn(timer.dueDate)}.`);
  for (const one of known.subscriptions.filter((one) => isBetween(one.elementId, known.model)).slice(0, BETWEEN_MAX)) more.push(`The event ${whereOf(one, known.model)} waits for ${ofMessage(one)}.`);
  return { kind: failed.length ? "failed" : "waits", text: first, more };
}

/** At the edge of what an event stands, if it does. */
export function edgeOf(elementId: string, model: Model): string | undefined {
  const host = model.elements.get(elementId)?.attachedTo;
  return host && `at the edge of ${nameOf(host, model)}`;
}

/** Whether an event waits beside what its instance is at: at the edge of it, or to begin an event sub-process. */
function isBetween(elementId: string, model?: Model): boolean {
  const element = model?.elements.get(elementId);
  return !!element?.attachedTo || (element?.tag === "startEvent" && !!element.inside);
}

/** Which event, and where it stands. */
export function whereOf({ elementId }: { elementId: string }, model?: Model): string {
  const element = model?.elements.get(elementId);
  const name = nameOf(elementId, model);
  const edge = model && edgeOf(elementId, model);
  if (edge) return `${name} ${edge}`;
  if (element?.inside && element.tag === "startEvent") return `${name}, which begins ${nameOf(element.inside, model)},`;
  return name;
}

/** The name of an element as people know it. */
export function nameOf(elementId: string, model?: Model, name?: string | null): string {
  return `“${plain(cut(model?.elements.get(elementId)?.name || name || elementId, 80))}”`;
}

/** The first line of a message, and the next one where the first only announces it. */
function gist(message: string): string {
  const [first = "", second = ""] = message.split("\n", 2);
  return first.trimEnd().endsWith(":") && second ? `${first.trimEnd()} ${second.trim()}` : first;
}

/** A sentence for each way in which an element failed, with the first of its incidents. */
function ofIncidents(known: Known): string[] {
  const ways = new Map<string, Incident[]>();
  for (const incident of known.incidents) {
    const way = `${incident.processInstanceKey === known.instance.processInstanceKey} ${incident.errorType} ${incident.elementId}`;
    ways.set(way, [...(ways.get(way) ?? []), incident]);
  }
  // Incidents beyond those that were loaded are of the one way that there is, or of ways that are not known.
  const unseen = known.incidentCount - known.incidents.length;
  return [...ways.values()].map((incidents) => ofIncident(incidents[0]!, incidents.length + (ways.size === 1 ? unseen : 0), known));
}

function ofIncident(incident: Incident, count: number, known: Known): string {
  const message = gist(incident.errorMessage);
  const times = count > 1 ? `, ${number(count)} times` : "";
  const first = count > 1 ? "; the first: " : ": ";
  const where = incident.processInstanceKey === known.instance.processInstanceKey ? "" : ` in the called instance ${incident.processInstanceKey}`;
  return `Failed at ${nameOf(incident.elementId, known.model)}${where}${times}: ${reason(incident.errorType)}${message ? `${first}${plain(cut(message, 300))}` : "."}`;
}

function grouped(sentences: string[]): string[] {
  const counts = new Map<string, number>();
  for (const one of sentences) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts].map(([one, count]) => (count > 1 ? `${one} (${count} times)` : one));
}

function ofElement(element: ElementInstance, known: Known): string {
  const name = nameOf(element.elementId, known.model, element.elementName);
  const mine = <T extends { elementInstanceKey: string | null }>(rows: T[]) => rows.filter((row) => row.elementInstanceKey === element.elementInstanceKey);
  const task = mine(known.tasks)[0];
  if (task) return ofTask(task, name);
  const job = mine(known.jobs)[0];
  if (job) return ofJob(job, name);
  const called = known.called.find((one) => one.parentElementInstanceKey === element.elementInstanceKey);
  if (called) return `Waits at ${name} for the instance that it called, ${plain(called.processDefinitionName || called.processDefinitionId)} ${called.processInstanceKey}.`;
  const messages = mine(known.subscriptions).filter((one) => !isBetween(one.elementId, known.model));
  const waits = mine(known.waits);
  if (waits.length && element.type === "EVENT_BASED_GATEWAY") return `Waits at ${name} for ${[...messages.map(ofMessage), ...waits.map(ofWait)].slice(0, 4).join(" or ")}.`;
  if (messages.length) return `Waits at ${name} for ${messages.slice(0, 3).map(ofMessage).join(" or ")}.`;
  if (waits.length) return `Waits at ${name} for ${ofWait(waits[0]!)}.`;
  const model = known.model?.elements.get(element.elementId);
  if (model?.timer !== undefined) return `Waits for the timer ${name} (${plain(cut(model.timer, 60))}), since ${between(element.startDate, null)}.`;
  if (model?.signal !== undefined) return `Waits at ${name} for the signal “${plain(cut(model.signal, 80))}”.`;
  if (element.type === "EVENT_BASED_GATEWAY") return `Waits at ${name} for the first of its events.`;
  if (/GATEWAY/.test(element.type)) return `Waits at ${name} for its other flows.`;
  return `Stands at ${name}, a ${lower(element.type)}, since ${between(element.startDate, null)}.`;
}

function ofTask(task: UserTask, name: string): string {
  if (task.assignee) return `Waits for ${plain(task.assignee)} to complete the user task ${name}.`;
  const who = [...task.candidateGroups, ...task.candidateUsers].map(plain).slice(0, 5).join(", ");
  return `Waits for somebody${who ? ` of ${who}` : ""} to take the user task ${name}.`;
}

/** Whether a worker has the job now is not among the rows that are searched, so nothing is said of it. */
function ofJob(job: Job, name: string): string {
  const what = job.kind === "BPMN_ELEMENT" ? name : `the ${lower(job.kind)} of ${name}`;
  const by = job.worker ? `, by ${plain(cut(job.worker, 60))},` : "";
  const last = job.errorMessage && job.retries > 0 ? ` The last attempt${by} failed: ${plain(cut(gist(job.errorMessage), 200))} (${plural(job.retries, "retry", "retries")} left).` : "";
  return `Waits at ${what} for a worker to do its job of the type “${plain(cut(job.type, 80))}”.${last}`;
}

const ofMessage = (one: Subscription) => `the message “${plain(cut(one.messageName, 80))}”${one.correlationKey ? ` with the correlation key “${plain(cut(one.correlationKey, 80))}”` : ""}`;

function ofWait({ details }: WaitState): string {
  if (details.waitStateType === "SIGNAL") return `the signal “${plain(cut(details.signalName ?? "", 80))}”`;
  if (details.waitStateType === "CONDITION") return `the condition “${plain(cut(details.expression ?? "", 80))}”`;
  const due = details.dueDate ?? 0;
  if (due <= Date.now()) return "its timer, which is due";
  return `its timer, due in ${between(new Date().toISOString(), new Date(due).toISOString())}`;
}

// An instance's past as the log has it: record by record, in order, with the flows. It reaches as far back as the log is kept, and says how
// far that is; what it does not have is told by the store, and by nobody in its place.

import { countsAt, steps, type Step } from "./replay";
import { get } from "./server";
import type { ElementCounts, ElementInstance, Incident } from "./things";

/** An event of the log. */
export interface LogRecord {
  position: number;
  /** Milliseconds since 1970. */
  at: number;
  valueType: string;
  intent: string;
  key: string;
  elementId?: string | null;
  elementInstanceKey?: string;
}

export interface Log {
  processInstanceKey: string;
  from: { position: number; at: string } | null;
  to: { position: number; at: string } | null;
  isFromBeginning: boolean;
  isCut: boolean;
  records: LogRecord[];
}

/** What the log still has of an instance. */
export const look = (key: string, signal: AbortSignal) => get<Log>(`past?instance=${key}`, { signal });

/** A moment, and what is told of it: by the log a record, by the store all that happened in a millisecond. */
export type Moment = { at: number } & ({ step: Step } | { record: LogRecord });

/** What an event does to an element, in words that follow its name. */
const OF_ELEMENTS: Record<string, string> = {
  ELEMENT_ACTIVATING: "is entered",
  ELEMENT_ACTIVATED: "is active",
  ELEMENT_COMPLETING: "is being left",
  ELEMENT_COMPLETED: "is done",
  ELEMENT_TERMINATING: "is being canceled",
  ELEMENT_TERMINATED: "is canceled",
  ELEMENT_MIGRATED: "goes on in another definition",
};
/** The same of what is at an element. */
const AT_ELEMENTS: Record<string, string> = {
  JOB: "job", INCIDENT: "incident", TIMER: "timer", USER_TASK: "user task", PROCESS_MESSAGE_SUBSCRIPTION: "message",
  SIGNAL_SUBSCRIPTION: "signal", CONDITIONAL_SUBSCRIPTION: "condition", DECISION_EVALUATION: "decision",
};

/** What a record says, in words; nothing where it changes nothing that is shown. */
export function said(record: LogRecord, name: (id: string) => string): string | undefined {
  if (!record.elementId) return undefined;
  if (record.valueType === "PROCESS_INSTANCE") {
    if (record.intent === "SEQUENCE_FLOW_TAKEN") return `flow ${name(record.elementId)} is taken`;
    const does = OF_ELEMENTS[record.intent];
    return does && `${name(record.elementId)} ${does}`;
  }
  const thing = AT_ELEMENTS[record.valueType];
  return thing && `${thing} at ${name(record.elementId)}: ${record.intent.toLowerCase().replaceAll("_", " ")}`;
}

/** The part of time that the log covers, both ends left out: what happened in the millisecond where it begins or is cut may be on either side. */
export function covered(log: Log): { after: number; before: number } | undefined {
  if (!log.records.length || !log.from || !log.to) return undefined;
  // A definition whose names nobody knows any more: what it tells cannot be shown.
  if (log.records.some((record) => record.valueType === "PROCESS_INSTANCE" && !record.elementId)) return undefined;
  const after = log.isFromBeginning ? -Infinity : Date.parse(log.from.at);
  const before = log.isCut ? Date.parse(log.to.at) : Infinity;
  return after < before ? { after, before } : undefined;
}

/** All moments in order: of the log where it reaches, of the store elsewhere. */
export function moments(elements: ElementInstance[], incidents: Incident[], log: Log | undefined): Moment[] {
  const part = log && covered(log);
  const kept = steps(elements, incidents).filter((step) => !part || step.at <= part.after || step.at >= part.before);
  const logged = part ? log.records.filter((record) => record.at > part.after && record.at < part.before && said(record, String)) : [];
  const of = (step: Step): Moment => ({ at: step.at, step });
  if (!part) return kept.map(of);
  return [...kept.filter((step) => step.at <= part.after).map(of), ...logged.map((record) => ({ at: record.at, record })), ...kept.filter((step) => step.at >= part.before).map(of)];
}

/** What stood where after a moment, and the flows that the log has seen taken until then. */
export function shownAt(all: Moment[], at: number, elements: ElementInstance[], incidents: Incident[], log: Log | undefined): { counts: ElementCounts[]; taken: string[] } {
  const moment = all[at];
  if (!moment) return { counts: [], taken: [] };
  const taken = new Set<string>();
  const until = all.slice(0, at + 1);
  for (const one of until) if ("record" in one && one.record.intent === "SEQUENCE_FLOW_TAKEN") taken.add(one.record.elementId!);
  if ("step" in moment) return { counts: countsAt(elements, incidents, moment.at), taken: [...taken] };
  // What stood there where the log begins, as the store has it; then record by record.
  const after = (log && covered(log)?.after) ?? -Infinity;
  const standing = new Map<string, { elementId: string; state: "active" | "completed" | "canceled"; incidents: number }>();
  for (const element of elements) {
    if (Date.parse(element.startDate) > after) continue;
    const isOver = element.endDate !== null && Date.parse(element.endDate) <= after;
    standing.set(element.elementInstanceKey, { elementId: element.elementId, state: !isOver ? "active" : element.state === "TERMINATED" ? "canceled" : "completed", incidents: 0 });
  }
  for (const incident of incidents) {
    const element = standing.get(incident.elementInstanceKey);
    if (element && Date.parse(incident.creationTime) <= after && incident.state === "ACTIVE") element.incidents++;
  }
  for (const one of until) if ("record" in one && one.record.key !== log?.processInstanceKey) apply(standing, one.record);
  const counts = new Map<string, ElementCounts>();
  for (const { elementId, state, incidents: open } of standing.values()) {
    const count = counts.get(elementId) ?? { elementId, active: 0, canceled: 0, incidents: 0, completed: 0 };
    count[state === "active" && open > 0 ? "incidents" : state]++;
    counts.set(elementId, count);
  }
  return { counts: [...counts.values()], taken: [...taken] };
}

function apply(standing: Map<string, { elementId: string; state: "active" | "completed" | "canceled"; incidents: number }>, record: LogRecord) {
  if (record.valueType === "INCIDENT") {
    const element = standing.get(record.elementInstanceKey ?? "");
    if (element) element.incidents = Math.max(0, element.incidents + (record.intent === "CREATED" ? 1 : record.intent === "RESOLVED" ? -1 : 0));
    return;
  }
  if (record.valueType !== "PROCESS_INSTANCE" || record.intent === "SEQUENCE_FLOW_TAKEN") return;
  const state = record.intent === "ELEMENT_COMPLETED" ? "completed" : record.intent === "ELEMENT_TERMINATED" ? "canceled" : "active";
  const known = standing.get(record.key);
  if (known) Object.assign(known, { state, elementId: record.elementId });
  else if (OF_ELEMENTS[record.intent]) standing.set(record.key, { elementId: record.elementId!, state, incidents: 0 });
}

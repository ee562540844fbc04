// An instance's past, from what the store keeps: when its element instances began and ended, and when incidents came. What happened in the same
// millisecond is one step: in which order is not kept, and nothing is guessed. When flows were taken is not kept either.

import type { ElementCounts, ElementInstance, Incident } from "./things";

export interface Step {
  /** Milliseconds since 1970. */
  at: number;
  began: ElementInstance[];
  ended: ElementInstance[];
  incidents: Incident[];
}

/** Moments at which something happened, in order. */
export function steps(elements: ElementInstance[], incidents: Incident[]): Step[] {
  const all = new Map<number, Step>();
  const step = (date: string) => {
    const at = new Date(date).getTime();
    let found = all.get(at);
    if (!found) all.set(at, (found = { at, began: [], ended: [], incidents: [] }));
    return found;
  };
  for (const element of elements) {
    step(element.startDate).began.push(element);
    if (element.endDate) step(element.endDate).ended.push(element);
  }
  for (const incident of incidents) step(incident.creationTime).incidents.push(incident);
  return [...all.values()].sort((a, b) => a.at - b.at);
}

/** What stood where after a moment. An incident is counted while its element instance was active; when it was resolved is not kept. */
export function countsAt(elements: ElementInstance[], incidents: Incident[], at: number): ElementCounts[] {
  const counts = new Map<string, ElementCounts>();
  const failed = new Set(incidents.filter((incident) => new Date(incident.creationTime).getTime() <= at && incident.state === "ACTIVE").map((incident) => incident.elementInstanceKey));
  for (const element of elements) {
    if (new Date(element.startDate).getTime() > at) continue;
    let count = counts.get(element.elementId);
    if (!count) counts.set(element.elementId, (count = { elementId: element.elementId, active: 0, canceled: 0, incidents: 0, completed: 0 }));
    const isOver = element.endDate !== null && new Date(element.endDate).getTime() <= at;
    if (!isOver) count[failed.has(element.elementInstanceKey) ? "incidents" : "active"]++;
    else count[element.state === "TERMINATED" ? "canceled" : "completed"]++;
  }
  return [...counts.values()];
}

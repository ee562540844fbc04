// How hot each element of a definition is: by what became of its instances, or by how long they took.

import { search } from "./server";
import type { ElementCounts, ElementInstance } from "./things";

/** What the diagram is colored by. */
export type By = "" | "visits" | "incidents" | "time";

/** How long an element takes: the median and the slowest twentieth, ms, and of how many. */
export interface Taken {
  median: number;
  slow: number;
  of: number;
}

/** Finished element instances that durations are taken of: the newest. */
export const LOOKED_AT = 5000;

const at = (sorted: number[], share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** How long elements took, by the newest of their instances that are completed. */
export async function durations(definitionKey: string, signal: AbortSignal): Promise<Map<string, Taken>> {
  const query = { filter: { processDefinitionKey: definitionKey, state: "COMPLETED" }, sort: [{ field: "endDate", order: "DESC" as const }], page: { limit: LOOKED_AT } };
  const { items } = await search<ElementInstance>("element-instances", query, { signal });
  const all = new Map<string, number[]>();
  for (const one of items) {
    const of = all.get(one.elementId) ?? [];
    all.set(one.elementId, of);
    of.push(new Date(one.endDate ?? one.startDate).getTime() - new Date(one.startDate).getTime());
  }
  const sorted = [...all].map(([id, of]) => [id, of.sort((a, b) => a - b)] as const);
  return new Map(sorted.map(([id, of]) => [id, { median: at(of, 0.5), slow: at(of, 0.95), of: of.length }]));
}

/** Shares of the hottest, by element: 0 to 1. Durations differ by orders of magnitude, so that their logarithms are compared. */
export function heat(by: By, counts: ElementCounts[], taken?: Map<string, Taken>): Map<string, number> | undefined {
  if (!by) return undefined;
  const values = by === "time"
    ? [...(taken ?? [])].map(([id, one]) => [id, Math.log1p(one.median)] as const)
    : counts.map((one) => [one.elementId, by === "incidents" ? one.incidents : one.active + one.completed + one.canceled + one.incidents] as const);
  const most = Math.max(...values.map(([, value]) => value), 0);
  return new Map(most ? values.filter(([, value]) => value > 0).map(([id, value]) => [id, value / most]) : []);
}

// How the engine does: what the server counted since its start, of which rates and durations of the last minute are made here.

import { get } from "./server";
import { duration, number } from "./text";

interface Behind {
  isWell: boolean;
  /** Records. */
  behind: number;
  heldBytes: number;
}

export interface Figures {
  atMs: number;
  coresSilent: number;
  counters: { commands: number; rejections: number; refusals: number; jobs: number; flushes: number; writtenBytes: number };
  /** Upper bounds of buckets, microseconds; the last bucket has none. */
  boundsUs: number[];
  stages: { name: string; counts: [number, number][] }[];
  disk: { freeBytes: number | null; allBytes: number | null; files: Record<string, number> };
  isExportingPaused: boolean;
  partitions: {
    partitionId: number;
    isStopped: boolean;
    isCheckpointDelayed: boolean;
    bannedInstances: number;
    dueAgeMs: number;
    storage: (Behind & { lagMs: number }) | null;
    exporters: (Behind & { name: string })[];
  }[];
}

/** What is shown is of so long at most, ms. */
const WINDOW = 60_000;
/** What the server said in that time, oldest first; kept while other pages are looked at. */
let seen: Figures[] = [];

export async function look(signal: AbortSignal): Promise<Figures> {
  const now = await get<Figures>("figures", { signal });
  // Counters that fell are of a server that was started anew.
  const last = seen.at(-1);
  if (last && (now.counters.commands < last.counters.commands || now.atMs < last.atMs)) seen = [];
  seen = [...seen.filter((one) => one.atMs >= now.atMs - WINDOW), now];
  return now;
}

/** What came to pass between the oldest look and this one; all since the start where there is one look only. */
export function since(now: Figures) {
  const first = seen[0] && seen[0].atMs < now.atMs ? seen[0] : undefined;
  const seconds = first ? (now.atMs - first.atMs) / 1000 : undefined;
  const counter = (name: keyof Figures["counters"]) => now.counters[name] - (first?.counters[name] ?? 0);
  const stage = (name: string) => {
    const counts = new Map(now.stages.find((one) => one.name === name)?.counts);
    for (const [bucket, count] of first?.stages.find((one) => one.name === name)?.counts ?? []) counts.set(bucket, (counts.get(bucket) ?? 0) - count);
    return [...counts].sort(([a], [b]) => a - b);
  };
  return { seconds, counter, stage };
}

export const countOf = (counts: [number, number][]) => counts.reduce((sum, [, count]) => sum + count, 0);

/** Below what so large a part of them stayed: durations are counted in buckets, each half as long again as the one before. */
export function below(counts: [number, number][], part: number, boundsUs: number[]): string {
  const rank = Math.max(1, Math.ceil(countOf(counts) * part));
  let reached = 0;
  for (const [bucket, count] of counts) {
    reached += count;
    if (reached < rank) continue;
    const us = boundsUs[bucket];
    if (us === undefined) return `> ${duration(boundsUs.at(-1)! / 1000)}`;
    if (us < 1000) return `${number(Math.ceil(us))} µs`;
    return us < 10_000 ? `${(us / 1000).toFixed(1)} ms` : duration(us / 1000);
  }
  return "–";
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

export function bytes(value: number): string {
  let at = 0;
  while (value >= 1024 && at < UNITS.length - 1) {
    value /= 1024;
    at++;
  }
  return `${at && value < 10 ? value.toFixed(1) : number(Math.round(value))} ${UNITS[at]}`;
}

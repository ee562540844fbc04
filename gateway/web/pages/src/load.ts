// What a page shows is loaded, and loaded again while somebody looks.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ANYTHING, told, watch } from "./live";
import { Problem } from "./server";

export interface Loaded<T> {
  data?: T;
  error?: Problem;
  isLoading: boolean;
  reload: () => void;
}

/** How often it is asked whether anything moved, where that costs one small request, ms. */
export const PROBED = 400;
/** How often what changes is looked at, ms. */
export const OFTEN = 1500;
export const SELDOM = 5000;
/** How much more seldom it is looked where changes are told. */
const CALM = 6;
/** The least between two loads of what is told, ms. */
const GAP = 100;
/** How often something that is not there is looked for before it is said. */
const MISSES_MAX = 2;

/** A small request whose answer changes when something moved. */
export interface Probe<T> {
  ask: (signal: AbortSignal) => Promise<string>;
  /** What it answered when this was loaded. */
  seen: (data: T) => string;
}

/**
 * Loads now, when `keys` change, when `live` does (the key of an instance, or anything), and every so often; what was there stays until there
 * is something new. A `probe` is a small request that is made more often while nobody tells: when its answer changes, everything is loaded.
 */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, keys: unknown[], everyMs = 0, live?: string, probe?: Probe<T>): Loaded<T> {
  const [state, setState] = useState<{ of: string; data?: T; error?: Problem; isLoading: boolean }>({ of: "", isLoading: true });
  const of = JSON.stringify(keys);
  const again = useRef<() => void>(() => {});
  const reload = useCallback(() => again.current(), []);
  useEffect(() => {
    let isOver = false;
    let timer = 0;
    let abort = new AbortController();
    let last: string | undefined;
    let misses = 0;
    let isBusy = false;
    let hasChanged = false;
    let begun = 0;
    /** Loads again after so long, or as soon as something moved. */
    const rest = async (ms: number, signal: AbortSignal) => {
      if (!probe || (live && told())) {
        timer = window.setTimeout(run, live && told() ? ms * CALM : ms);
        return;
      }
      const until = Date.now() + ms;
      while (Date.now() < until && !document.hidden) {
        await new Promise((then) => setTimeout(then, PROBED));
        if (signal.aborted) return;
        // What goes wrong with it will go wrong with everything, which says so.
        const next = await probe.ask(signal).catch(() => "");
        if (signal.aborted) return;
        if (next !== last) break;
      }
      if (!document.hidden) void run();
    };
    const run = async () => {
      clearTimeout(timer);
      abort.abort();
      const mine = (abort = new AbortController());
      let wait = everyMs;
      [isBusy, hasChanged, begun] = [true, false, Date.now()];
      try {
        const data = await load(mine.signal);
        if (isOver || mine.signal.aborted) return;
        last = probe?.seen(data);
        setState({ of, data, isLoading: false });
      } catch (error) {
        if (isOver || mine.signal.aborted) return;
        const problem = error instanceof Problem ? error : new Problem(-1, "Error of the page", String(error));
        // Who is away may come back; what makes no sense will not make any in a second.
        // What was made a moment ago, elsewhere, is found a moment later.
        if (problem.status === 404 && everyMs && misses++ < MISSES_MAX) {
          timer = window.setTimeout(run, PROBED);
          return;
        }
        if (problem.status === 503 && /without secondary storage/.test(problem.message)) wait = 0;
        else wait = problem.status === 0 || problem.status >= 500 ? Math.max(everyMs, 2000) : everyMs && SELDOM;
        setState((old) => ({ of, data: old.of === of ? old.data : undefined, error: problem, isLoading: false }));
      }
      isBusy = false;
      if (hasChanged && !isOver) return onChange();
      if (wait && !isOver && !document.hidden) void rest(wait, mine.signal);
    };
    /** What changed while it was loaded is loaded after it. */
    const onChange = () => {
      hasChanged = true;
      if (isBusy || document.hidden) return;
      clearTimeout(timer);
      timer = window.setTimeout(run, Math.max(0, begun + (live === ANYTHING ? everyMs : GAP) - Date.now()));
    };
    const unwatch = live && everyMs ? watch(live, onChange) : undefined;
    const onVisible = () => {
      if (!document.hidden && everyMs) void run();
    };
    again.current = () => void run();
    void run();
    document.addEventListener("visibilitychange", onVisible);
    return () => {
      isOver = true;
      unwatch?.();
      clearTimeout(timer);
      abort.abort();
      document.removeEventListener("visibilitychange", onVisible);
    };
  }, [of, everyMs, live, !!probe]);
  if (state.of !== of) return { isLoading: true, reload };
  return { data: state.data, error: state.error, isLoading: state.isLoading, reload };
}

// What a page shows is loaded, and loaded again while somebody looks.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "./server";

export interface Loaded<T> {
  data?: T;
  error?: Problem;
  isLoading: boolean;
  reload: () => void;
}

/** How often what changes is looked at, ms. */
export const OFTEN = 1500;
export const SELDOM = 5000;

/** Loads now, when `keys` change, and every so often; what was there stays until there is something new. */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, keys: unknown[], everyMs = 0): Loaded<T> {
  const [state, setState] = useState<{ of: string; data?: T; error?: Problem; isLoading: boolean }>({ of: "", isLoading: true });
  const of = JSON.stringify(keys);
  const again = useRef<() => void>(() => {});
  const reload = useCallback(() => again.current(), []);
  useEffect(() => {
    let isOver = false;
    let timer = 0;
    let abort = new AbortController();
    const run = async () => {
      clearTimeout(timer);
      abort.abort();
      const mine = (abort = new AbortController());
      let wait = everyMs;
      try {
        const data = await load(mine.signal);
        if (!isOver && !mine.signal.aborted) setState({ of, data, isLoading: false });
      } catch (error) {
        if (isOver || mine.signal.aborted) return;
        const problem = error instanceof Problem ? error : new Problem(-1, "Error of the page", String(error));
        // Who is away may come back; what makes no sense will not make any in a second.
        wait = problem.status === 0 || problem.status >= 500 ? Math.max(everyMs, 2000) : everyMs && SELDOM;
        setState((old) => ({ of, data: old.of === of ? old.data : undefined, error: problem, isLoading: false }));
      }
      if (wait && !isOver && !document.hidden) timer = window.setTimeout(run, wait);
    };
    const onVisible = () => {
      if (!document.hidden && everyMs) void run();
    };
    again.current = () => void run();
    void run();
    document.addEventListener("visibilitychange", onVisible);
    return () => {
      isOver = true;
      clearTimeout(timer);
      abort.abort();
      document.removeEventListener("visibilitychange", onVisible);
    };
  }, [of, everyMs]);
  if (state.of !== of) return { isLoading: true, reload };
  return { data: state.data, error: state.error, isLoading: state.isLoading, reload };
}

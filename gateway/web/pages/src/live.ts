// What changes, told while somebody looks. Where nobody tells it, pages ask from time to time as they would without.

import { Streams, type Said, type Wish } from "./live_stream";
import { root } from "./server";

/** Watches anything. */
export const ANYTHING = "*";
/** How often a tab says that it is still there, ms. */
const HERE = 30_000;

/** By what is watched. */
const watchers = new Map<string, Set<() => void>>();
let isTold = false;
let send: ((wish: Wish) => void) | undefined;

/** Whether changes are told at the moment. */
export const told = () => isTold;

function hear(said: Said) {
  const wasTold = isTold;
  isTold = said.kind !== "lost";
  // Between two streams something may have been missed; and who is not told any more asks.
  const isAll = said.kind === "resync" || said.kind === "lost" || (said.kind === "open" && !wasTold);
  const heard = isAll ? [...watchers.keys()] : [...said.instances, ...(said.anything ? [ANYTHING] : [])];
  for (const what of heard) watchers.get(what)?.forEach((then) => then());
}

/** A worker that all tabs share, where there are such; else a stream of this tab alone. */
function begin(): (wish: Wish) => void {
  if ("SharedWorker" in window) {
    try {
      const { port } = new SharedWorker(new URL(LIVE_JS, import.meta.url), { type: "module", name: "ringbolt" });
      port.onmessage = ({ data }: MessageEvent<Said>) => hear(data);
      setInterval(() => port.postMessage("here"), HERE);
      return (wish) => port.postMessage(wish);
    } catch {
      // Some browsers allow none; the tab does it by itself.
    }
  }
  const streams = new Streams(root.href, hear);
  return (wish) => streams.set(streams, wish);
}

function update() {
  const what = document.hidden ? [] : [...watchers.keys()];
  send ??= begin();
  send({ instances: what.filter((one) => one !== ANYTHING), anything: what.includes(ANYTHING) });
}

/** Calls `then` when an instance, or anything, has changed, or may have. */
export function watch(what: string, then: () => void): () => void {
  const those = watchers.get(what) ?? new Set();
  those.add(then);
  watchers.set(what, those);
  if (those.size === 1) update();
  return () => {
    those.delete(then);
    if (those.size) return;
    watchers.delete(what);
    update();
  };
}

document.addEventListener("visibilitychange", () => send && update());
addEventListener("pagehide", () => send?.({ instances: [], anything: false }));
addEventListener("pageshow", (event) => event.persisted && send && update());

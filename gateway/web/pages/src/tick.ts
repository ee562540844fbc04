// Texts with durations in them go on while somebody looks: one clock for all of a page.

import { useEffect, useRef, useState } from "preact/hooks";

const TICK = 1000;
const listeners = new Set<() => void>();
let clock = 0;

/** What `of` says, said anew each second if it is another text by then. */
export function useTicking(of: () => string, isOn = true): string {
  const [, again] = useState("");
  const text = of();
  const last = useRef(of);
  last.current = of;
  useEffect(() => {
    if (!isOn) return;
    // Where it is the same text nothing is drawn.
    const tick = () => again(last.current());
    listeners.add(tick);
    clock ||= window.setInterval(() => {
      if (!document.hidden) listeners.forEach((listener) => listener());
    }, TICK);
    return () => {
      listeners.delete(tick);
      if (listeners.size) return;
      clearInterval(clock);
      clock = 0;
    };
  }, [isOn]);
  return text;
}

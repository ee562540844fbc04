// A BPMN diagram with what stands on it. What draws it is loaded when the first one is shown.

import { useEffect, useRef, useState } from "preact/hooks";
import { library } from "../server";
import type { ElementCounts } from "../things";
import { cut, kindWords, number, plain } from "../text";

type Library = typeof import("../diagram_bundle");

interface Canvas {
  zoom(to: number | "fit-viewport" | { x: number; y: number }, center?: unknown): number;
  viewbox(box?: object): { scale: number; inner: { width: number; height: number }; outer: { width: number; height: number } };
  addMarker(id: string, marker: string): void;
  scrollToElement(id: string, margin: object): void;
  removeMarker(id: string, marker: string): void;
  resized(): void;
}
interface Registry {
  get(id: string): { id: string; width?: number; waypoints?: unknown } | undefined;
}
interface Overlays {
  add(id: string, overlay: object): string;
  clear(): void;
}
interface Viewer {
  importXML(xml: string): Promise<unknown>;
  get<T>(name: string): T;
  on(event: string, priority: number, listener: (event: { element: { id: string; type: string } }) => unknown): void;
  destroy(): void;
}

let loaded: Promise<Library> | undefined;
const load = () => (loaded ??= library<Library>(DIAGRAM_JS));

interface Props {
  xml: string;
  counts?: ElementCounts[];
  /** Sequence flows that were taken. */
  taken?: string[];
  selected?: string;
  onSelect?: (elementId: string | undefined) => void;
  /** Badges of other kinds, by element. */
  badges?: Map<string, string>;
  /** How hot elements are, 0 to 1; they are then colored by it and not by what became of them. */
  heat?: Map<string, number>;
  label: string;
}

/** How much larger than in the model a diagram may be drawn when it is fitted. */
const FIT_MAX = 1;
/** Below the first a diagram cannot be read; it is then drawn at the second. */
const READABLE = 0.4;
const READABLE_AT = 0.6;
const STEP = 1.25;
/** Steps of heat that can be told apart. */
const HEATS = 5;

/** Shows the whole diagram, small ones in their own size. Where it would be too small to read, as on a phone, it shows where the instance stands. */
function fit(viewer: Viewer, counts: ElementCounts[] = []) {
  const canvas = viewer.get<Canvas>("canvas");
  const scale = canvas.zoom("fit-viewport", "auto");
  if (scale > FIT_MAX) canvas.zoom(FIT_MAX, "auto");
  const stands = counts.find((count) => count.incidents) ?? counts.find((count) => count.active);
  if (scale >= READABLE || !stands || !viewer.get<Registry>("elementRegistry").get(stands.elementId)) return;
  canvas.zoom(READABLE_AT, "auto");
  canvas.scrollToElement(stands.elementId, { top: 90, bottom: 90, left: 110, right: 110 });
}

export function Diagram({ xml, counts, taken, selected, onSelect, badges, heat, label }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [viewer, setViewer] = useState<Viewer>();
  const [problem, setProblem] = useState<string>();
  const select = useRef(onSelect);
  select.current = onSelect;
  useEffect(() => {
    let isOver = false;
    let made: Viewer | undefined;
    setProblem(undefined);
    const draw = async () => {
      const { Viewer, MoveCanvas } = await load();
      if (isOver || !box.current) return;
      // Colors come from the page's style, so that light and dark change with it.
      const renderer = { defaultFillColor: "var(--paper)", defaultStrokeColor: "var(--drawn)", defaultLabelColor: "var(--ink)" };
      made = new Viewer({ container: box.current, additionalModules: [MoveCanvas], bpmnRenderer: renderer }) as unknown as Viewer;
      await made.importXML(xml);
      if (isOver) return;
      fit(made, counts);
      made.on("element.click", 1500, ({ element }) => {
        select.current?.(/Process|Collaboration|Participant/.test(element.type) && !/SubProcess/.test(element.type) ? undefined : element.id.replace(/_label$/, ""));
        return undefined;
      });
      setViewer(made);
    };
    draw().catch((error: unknown) => !isOver && setProblem(String(error)));
    return () => {
      isOver = true;
      setViewer(undefined);
      made?.destroy();
    };
  }, [xml]);
  useEffect(() => {
    const at = box.current;
    if (!viewer || !at) return;
    // A phone that is turned, a window that gets another width: what was fitted is fitted again.
    let width = at.clientWidth;
    const observer = new ResizeObserver(() => {
      if (at.clientWidth === width || !at.clientWidth) return;
      width = at.clientWidth;
      viewer.get<Canvas>("canvas").resized();
      fit(viewer, counts);
    });
    observer.observe(at);
    return () => observer.disconnect();
  }, [viewer]);
  useEffect(() => {
    if (viewer) return mark(viewer, counts ?? [], taken ?? [], badges, heat);
  }, [viewer, JSON.stringify(counts), taken?.join("\n"), badges, heat]);
  useEffect(() => {
    if (!viewer || !selected || !viewer.get<Registry>("elementRegistry").get(selected)) return;
    const canvas = viewer.get<Canvas>("canvas");
    canvas.addMarker(selected, "rb-selected");
    return () => {
      // The diagram may be gone with its element.
      try {
        canvas.removeMarker(selected, "rb-selected");
      } catch {
        return;
      }
    };
  }, [viewer, selected]);
  useEffect(() => {
    const at = box.current;
    if (!at || !viewer) return;
    const canvas = viewer.get<Canvas>("canvas");
    const wheel = (event: WheelEvent) => {
      // Without a key the page scrolls, as everywhere.
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const bounds = at.getBoundingClientRect();
      canvas.zoom(Math.min(4, Math.max(0.1, canvas.viewbox().scale * (event.deltaY < 0 ? STEP : 1 / STEP))), { x: event.clientX - bounds.left, y: event.clientY - bounds.top });
    };
    at.addEventListener("wheel", wheel, { passive: false });
    return () => at.removeEventListener("wheel", wheel);
  }, [viewer]);
  const zoom = (factor: number) => {
    const canvas = viewer?.get<Canvas>("canvas");
    canvas?.zoom(Math.min(4, Math.max(0.1, canvas.viewbox().scale * factor)), "auto");
  };
  if (problem) return <p class="empty">The diagram cannot be drawn: {problem.slice(0, 300)}</p>;
  return (
    <div class="diagram" role="group" aria-label={label}>
      <div ref={box} class="canvas" />
      <div class="zoom">
        <button type="button" aria-label="Larger" title="Larger (Ctrl and wheel)" onClick={() => zoom(STEP)}>
          +
        </button>
        <button type="button" aria-label="Smaller" title="Smaller (Ctrl and wheel)" onClick={() => zoom(1 / STEP)}>
          −
        </button>
        <button type="button" aria-label="Whole diagram" title="Whole diagram" onClick={() => viewer && fit(viewer)}>
          ⤢
        </button>
      </div>
    </div>
  );
}

/** Puts on the diagram what is there; what it returns takes it off. */
function mark(viewer: Viewer, counts: ElementCounts[], taken: string[], badges?: Map<string, string>, heat?: Map<string, number>): () => void {
  const [canvas, overlays, registry] = [viewer.get<Canvas>("canvas"), viewer.get<Overlays>("overlays"), viewer.get<Registry>("elementRegistry")];
  const marked: [string, string][] = [];
  const add = (id: string, marker: string) => {
    if (!registry.get(id)) return;
    canvas.addMarker(id, marker);
    marked.push([id, marker]);
  };
  const badge = (id: string, kind: string, value: number | string, title: string, position: object) => {
    const element = registry.get(id);
    if (!value || !element || element.waypoints) return;
    const html = document.createElement("span");
    html.className = `badge ${kind}`;
    html.textContent = typeof value === "number" ? number(value) : value;
    html.title = title;
    overlays.add(id, { position, html, scale: { min: 0.6, max: 1.2 } });
  };
  for (const count of counts) {
    if (heat) continue;
    if (count.incidents) add(count.elementId, "rb-incident");
    else if (count.active) add(count.elementId, "rb-active");
    else if (count.completed) add(count.elementId, "rb-done");
    badge(count.elementId, "active", count.active, `${count.active} active`, { bottom: 10, left: -10 });
    badge(count.elementId, "incident", count.incidents, `${count.incidents} with an incident`, { bottom: 10, right: 14 });
    badge(count.elementId, "done", count.completed, `${count.completed} completed`, { top: -10, right: 14 });
    badge(count.elementId, "gone", count.canceled, `${count.canceled} canceled`, { top: -10, left: -10 });
  }
  taken.forEach((id) => add(id, "rb-taken"));
  heat?.forEach((share, id) => add(id, `rb-heat-${Math.max(1, Math.ceil(share * HEATS))}`));
  badges?.forEach((text, id) => badge(id, "other", text, text, { top: -12, left: -8 }));
  return () => {
    try {
      overlays.clear();
      marked.forEach(([id, marker]) => canvas.removeMarker(id, marker));
    } catch {
      return;
    }
  };
}

/** Characters of a name that a list shows. */
const NAME_MOST = 120;

/** What stands where, for a model that has no picture. */
export function ElementList({ names, counts, selected, onSelect, lacks = "" }: { names: { id: string; name: string; tag: string }[]; counts: ElementCounts[]; selected?: string; onSelect?: (id: string) => void; lacks?: string }) {
  const of = new Map(counts.map((count) => [count.elementId, count]));
  return (
    <div class="undrawn">
      <p class="faint">The model has no diagram{lacks && `: ${lacks}`}. Its elements, in the order of the model:</p>
      <ul>
        {names.map(({ id, name, tag }) => {
          const count = of.get(id);
          const kind = count?.incidents ? "failed" : count?.active ? "active" : count?.completed ? "done" : "gone";
          return (
            <li key={id}>
              <button type="button" class={id === selected ? "selected" : ""} onClick={() => onSelect?.(id)}>
                <span class={`state ${kind}`}>{cut(plain(name || id), NAME_MOST)}</span> <span class="faint">{kindWords(tag)}</span>
                {count && <span class="faint"> {[count.active && `${count.active} active`, count.incidents && `${count.incidents} with an incident`, count.completed && `${count.completed} completed`, count.canceled && `${count.canceled} canceled`].filter(Boolean).join(", ")}</span>}
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

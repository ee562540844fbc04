// Moves through an instance's past; what stood where is drawn on the diagram.

import { useEffect, useMemo, useState } from "preact/hooks";
import { useLoad } from "../load";
import type { Model } from "../model";
import { countsAt, steps, type Step } from "../replay";
import { search, type Page } from "../server";
import { cut, duration, number, plain, time } from "../text";
import type { ElementInstance, Incident, Instance } from "../things";
import { Loading, Trouble } from "../parts/basics";
import { Diagram } from "../parts/diagram";

/** Element instances that a replay goes through. */
const MOST = 10_000;
/** How long a moment is shown, ms. */
const PACE = 700;
/** Things that one line tells. */
const TOLD = 6;

interface Props {
  instance: Instance;
  xml: string;
  model: Model;
  close: () => void;
}

interface Past {
  elements: Page<ElementInstance>;
  incidents: Incident[];
}

async function load(key: string, signal: AbortSignal): Promise<Past> {
  const filter = { processInstanceKey: key };
  const [elements, incidents] = await Promise.all([
    search<ElementInstance>("element-instances", { filter, sort: [{ field: "startDate", order: "ASC" }, { field: "elementInstanceKey", order: "ASC" }], page: { limit: MOST } }, { signal }),
    search<Incident>("incidents", { filter, sort: [{ field: "creationTime", order: "ASC" }], page: { limit: MOST } }, { signal }),
  ]);
  return { elements, incidents: incidents.items };
}

export function Replay({ instance, xml, model, close }: Props) {
  const { data, error, reload } = useLoad((signal) => load(instance.processInstanceKey, signal), [instance.processInstanceKey]);
  const all = useMemo(() => (data ? steps(data.elements.items, data.incidents) : []), [data]);
  const [at, setAt] = useState(0);
  const [isPlaying, setPlaying] = useState(false);
  useEffect(() => {
    if (!isPlaying) return;
    const timer = setInterval(() => setAt((old) => Math.min(all.length - 1, old + 1)), PACE);
    return () => clearInterval(timer);
  }, [isPlaying, all.length]);
  useEffect(() => {
    if (isPlaying && at >= all.length - 1) setPlaying(false);
  }, [at, isPlaying, all.length]);
  const counts = useMemo(() => (data && all[at] ? countsAt(data.elements.items, data.incidents, all[at].at) : []), [data, all, at]);
  if (error && !data) return <Trouble problem={error} retry={reload} />;
  if (!data) return <Loading />;
  const step = all[at];
  const move = (to: number) => {
    setPlaying(false);
    setAt(Math.max(0, Math.min(all.length - 1, to)));
  };
  const play = () => {
    if (at >= all.length - 1) setAt(0);
    setPlaying(!isPlaying);
  };
  const more = data.elements.page.totalItems > data.elements.items.length;
  return (
    <section class="replay" aria-label="Replay">
      <Diagram xml={xml} counts={counts} label="Diagram of the past" />
      <div class="player">
        <button type="button" aria-label="Back" disabled={at === 0} onClick={() => move(at - 1)}>
          ‹
        </button>
        <button type="button" class="primary" disabled={all.length < 2} onClick={play}>
          {isPlaying ? "Stop" : "Play"}
        </button>
        <button type="button" aria-label="On" disabled={at >= all.length - 1} onClick={() => move(at + 1)}>
          ›
        </button>
        <input type="range" aria-label="Moment" min={0} max={Math.max(0, all.length - 1)} value={at} onInput={(event) => move(Number(event.currentTarget.value))} />
        <span class="count">
          {number(at + 1)} of {number(all.length)}
        </span>
        <button type="button" onClick={close}>
          Back to now
        </button>
      </div>
      {step && (
        <p class="moment" aria-live="polite">
          <b>{time(new Date(step.at).toISOString())}</b> <span class="faint">{duration(step.at - new Date(instance.startDate).getTime())} after the start</span> {told(step, model)}
        </p>
      )}
      <p class="faint">
        From when element instances began and ended, as the store keeps it: what happened in the same millisecond is one step; when flows were taken and incidents resolved is not kept.
        {more && ` Only the first ${number(MOST)} of ${number(data.elements.page.totalItems)} element instances.`}
      </p>
    </section>
  );
}

/** What happened at a moment, in words. */
function told(step: Step, model: Model): string {
  const name = (id: string) => `“${plain(cut(model.elements.get(id)?.name || id, 50))}”`;
  const both = step.began.filter((element) => step.ended.includes(element));
  const lines = [
    ...both.map((element) => `${name(element.elementId)} began and ended`),
    ...step.ended.filter((element) => !both.includes(element)).map((element) => `${name(element.elementId)} ${element.state === "TERMINATED" ? "was canceled" : "ended"}`),
    ...step.began.filter((element) => !both.includes(element)).map((element) => `${name(element.elementId)} began`),
    ...step.incidents.map((incident) => `incident at ${name(incident.elementId)}`),
  ];
  const rest = lines.length - TOLD;
  return `${lines.slice(0, TOLD).join(", ")}${rest > 0 ? `, and ${number(rest)} more` : ""}.`;
}

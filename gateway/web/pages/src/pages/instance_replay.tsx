// Moves through an instance's past; what stood where is drawn on the diagram.

import { useEffect, useMemo, useState } from "preact/hooks";
import { useLoad } from "../load";
import type { Model } from "../model";
import { covered, look, moments, said, shownAt, type Log } from "../past";
import type { Step } from "../replay";
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
  /** None where it could not be looked through, and then why. */
  log?: Log;
  why?: string;
}

async function load(key: string, signal: AbortSignal): Promise<Past> {
  const filter = { processInstanceKey: key };
  const [log, elements, incidents] = await Promise.all([
    look(key, signal).then((log) => ({ log }), (error: Error) => ({ why: error.message })),
    search<ElementInstance>("element-instances", { filter, sort: [{ field: "startDate", order: "ASC" }, { field: "elementInstanceKey", order: "ASC" }], page: { limit: MOST } }, { signal }),
    search<Incident>("incidents", { filter, sort: [{ field: "creationTime", order: "ASC" }], page: { limit: MOST } }, { signal }),
  ]);
  return { elements, incidents: incidents.items, ...log };
}

export function Replay({ instance, xml, model, close }: Props) {
  const { data, error, reload } = useLoad((signal) => load(instance.processInstanceKey, signal), [instance.processInstanceKey]);
  const all = useMemo(() => (data ? moments(data.elements.items, data.incidents, data.log) : []), [data]);
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
  const shown = useMemo(() => (data ? shownAt(all, at, data.elements.items, data.incidents, data.log) : { counts: [], taken: [] }), [data, all, at]);
  if (error && !data) return <Trouble problem={error} retry={reload} />;
  if (!data) return <Loading />;
  const moment = all[at];
  const name = (id: string) => `“${plain(cut(model.elements.get(id)?.name || id, 50))}”`;
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
      <Diagram xml={xml} counts={shown.counts} taken={shown.taken} label="Diagram of the past" />
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
      {moment && (
        <p class="moment" aria-live="polite">
          <b>{time(new Date(moment.at).toISOString())}</b> <span class="faint">{duration(moment.at - new Date(instance.startDate).getTime())} after the start</span>{" "}
          {"record" in moment ? `${said(moment.record, name)}.` : told(moment.step, name)} <span class="chip">{"record" in moment ? `from the log, position ${moment.record.position}` : "from the store"}</span>
        </p>
      )}
      <p class="faint source">
        {sources(data)}
        {more && ` Only the first ${number(MOST)} of ${number(data.elements.page.totalItems)} element instances.`}
      </p>
    </section>
  );
}

const KEPT = "from when element instances began and ended, as the store keeps it: what happened in the same millisecond is one step; when flows were taken and incidents resolved is not kept";

/** On what it rests. */
function sources({ log, why }: Past): string {
  if (!log) return `The log cannot be looked through (${plain(cut(why ?? "", 200))}). All is told ${KEPT}.`;
  const part = covered(log);
  if (!part) return `The log does not reach back to it any more. All is told ${KEPT}.`;
  const whole = "record by record, from the log";
  if (log.isFromBeginning && !log.isCut) return `All is told ${whole}.`;
  const from = log.isFromBeginning ? "From its beginning" : `After ${time(log.from!.at)}, as far back as the log reaches`;
  const until = log.isCut ? `, until ${time(log.to!.at)}, as far as it was read` : "";
  return `${from}${until}, it is told ${whole}. The rest is told ${KEPT}.`;
}

/** What happened at a moment, in words. */
function told(step: Step, name: (id: string) => string): string {
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

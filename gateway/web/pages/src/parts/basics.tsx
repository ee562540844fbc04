// Small things that every page uses.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Problem } from "../server";
import { between, cut, dueIn, plain, time, zone } from "../text";
import { useTicking } from "../tick";

/** A text of somebody else, cut if it is long; the rest on demand. */
export function Words({ text, most = 200 }: { text: string | null | undefined; most?: number }) {
  const [isOpen, setOpen] = useState(false);
  if (!text) return <span class="faint">–</span>;
  if (text.length <= most || isOpen) return <bdi class="words">{plain(text)}</bdi>;
  return (
    <bdi class="words">
      {plain(cut(text, most))}{" "}
      <button type="button" class="more" onClick={() => setOpen(true)}>
        show all
      </button>
    </bdi>
  );
}

/** A text on one line, whole in its title. */
export const Line = ({ text, most = 120 }: { text: string; most?: number }) => (
  <bdi class="line" title={text.length > most ? plain(cut(text, 2000)) : undefined}>
    {plain(cut(text.split("\n", 1)[0] ?? "", most))}
  </bdi>
);

/** Longer names may not fit a column, so that the keyboard has to reach them. */
const FITS = 16;

/** A name on one line, as far as there is room; whole on hover, and when it has the focus. */
export const Name = ({ text }: { text: string }) => (
  <bdi class="name-of" title={plain(cut(text, 2000))} tabIndex={text.length > FITS ? 0 : undefined}>
    {plain(cut(text, 400))}
  </bdi>
);

/** Local time; UTC on hover. */
export const Time = ({ at }: { at: string | null | undefined }) =>
  at ? (
    <time dateTime={at} title={`${at.replace("T", " ").replace("Z", "")} UTC`}>
      {time(at)}
    </time>
  ) : (
    <span class="faint">–</span>
  );

/** How long something took, or takes until now. */
export const Took = ({ start, end }: { start: string; end: string | null }) => <span class="number">{useTicking(() => between(start, end), !end)}</span>;

/** How long ago something was; when, on hover. */
export const Ago = ({ at }: { at: string }) => (
  <time dateTime={at} title={`${time(at)} (${zone(new Date(at))})`}>
    {useTicking(() => between(at, null))} ago
  </time>
);

/** When something is due, in words that go on. */
export const Due = ({ at }: { at: string | null }) => <span class="number">{useTicking(() => dueIn(at), !!at)}</span>;

/** A key, which a click copies. */
export function Key({ value }: { value: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard?.writeText(value);
    setCopied(true);
    setTimeout(() => setCopied(false), 1200);
  };
  return (
    <button type="button" class="key" title="Copy" aria-label={`Copy ${value}`} onClick={copy}>
      {isCopied ? "copied" : value}
    </button>
  );
}

const STATES: Record<string, [string, string]> = {
  ACTIVE: ["active", "Running"],
  CREATED: ["active", "Open"],
  COMPLETED: ["done", "Completed"],
  TERMINATED: ["gone", "Canceled"],
  CANCELED: ["gone", "Canceled"],
  SUSPENDED: ["gone", "Suspended"],
  FAILED: ["failed", "Failed"],
  ERROR_THROWN: ["failed", "Error thrown"],
  INCIDENT: ["failed", "Incident"],
  RESOLVED: ["done", "Resolved"],
  RUNS: ["active", "Running"],
  TO_DO: ["active", "To do"],
  DONE: ["done", "Done"],
  NOT_DONE: ["gone", "Not done"],
  PARTIALLY_COMPLETED: ["failed", "Partly completed"],
  EVALUATED: ["done", "Evaluated"],
  CORRELATED: ["done", "Correlated"],
};

/** A state by a dot and a word: never by color alone. */
export function State({ state, hasIncident }: { state: string; hasIncident?: boolean }) {
  const [kind, word] = STATES[hasIncident ? "INCIDENT" : state] ?? ["gone", plain(state.toLowerCase().replaceAll("_", " "))];
  return <span class={`state ${kind}`}>{word}</span>;
}

/** Why something is not shown, in words. What makes no sense or is not there will not be there when it is asked for again. */
export function Trouble({ problem, retry }: { problem: Problem; retry?: () => void }) {
  const isLasting = !problem.isForeign && (problem.status === 400 || problem.status === 404);
  return (
    <div class="trouble" role="alert">
      <p>{inWords(problem)}</p>
      {retry && !isLasting && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Why something was not done, in words: it is not done again by itself. */
export function inWordsOfAct(problem: Problem): string {
  if (problem.status === 0) return "The server does not answer. This was not repeated, and whether it was done is not known: look when the server is back.";
  return inWords(problem);
}

/** The same of whatever was thrown. */
export const whyNot = (error: unknown) => (error instanceof Problem ? inWordsOfAct(error) : plain(String(error)));

export function inWords(problem: Problem): string {
  if (problem.status === 0) return "The server does not answer. This page asks again until it does.";
  if (problem.isForeign) return `Something between this page and the server answered in its place (${plain(cut(problem.message, 100))}): a proxy, perhaps.`;
  if (problem.status === 503 && /without secondary storage/.test(problem.message)) return "This server runs without secondary storage, so nothing can be searched or shown here. Messages, the playground and the REST API work.";
  if (problem.status === 503) return `The server takes no more work at the moment: ${plain(problem.message)}`;
  if (problem.status === 504) return `The server is behind: ${plain(problem.message)}`;
  return plain(problem.message);
}

/** Whether a text may be the key of something. */
export const isKey = (text: string) => /^[1-9]\d{0,18}$/.test(text) && BigInt(text) < 2n ** 63n;

/** Nothing has the key that the address names. */
export const NotThere = ({ what, id, all, children }: { what: string; id: string; all: [string, string]; children?: ComponentChildren }) => (
  <article>
    <h1>No such {what}</h1>
    <p>
      There is no {what} with the key <b>{plain(cut(id, 60))}</b>{isKey(id) ? children : ": keys are numbers"}.
    </p>
    <p>
      <a href={all[0]}>{all[1]}</a>
    </p>
  </article>
);

export const Empty = ({ children }: { children: ComponentChildren }) => <p class="empty">{children}</p>;

/** Shown while something is loaded for longer than a blink. */
export const Loading = () => (
  <p class="loading" aria-busy="true">
    Loading
  </p>
);

export function Panel({ title, count, tools, children, id }: { title: string; count?: ComponentChildren; tools?: ComponentChildren; children: ComponentChildren; id?: string }) {
  return (
    <section class="panel" aria-label={title} id={id}>
      <header>
        <h2>
          {title} {count !== undefined && <span class="count">{count}</span>}
        </h2>
        {tools}
      </header>
      {children}
    </section>
  );
}

/** Name and value pairs. */
export const Facts = ({ of }: { of: [string, ComponentChildren][] }) => (
  <dl class="facts">
    {of.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

// Asks the server. A read waits for everything that this page wrote before it.

/** Where the pages stand; a proxy may have put something before it. This file is `assets/app-….js` below it. */
export const root = new URL("../", import.meta.url);

/** Whether the pages may change anything. */
export const isReadOnly = document.documentElement.dataset.mode !== "on";

/** What a server answers instead of what was asked for. */
export class Problem extends Error {
  constructor(
    public status: number,
    public title: string,
    detail: string,
    /** Something answered that is not the server: a proxy before it, say. */
    public isForeign = false,
  ) {
    super(detail);
  }
}

export interface Asking {
  signal?: AbortSignal;
  /** The body is JSON already: numbers keep their digits. */
  raw?: string;
  text?: boolean;
}

export type Link = "ok" | "away" | "old";

let link: Link = "ok";
const listeners = new Set<(link: Link) => void>();
/** The last position of each partition that this page has written. */
const positions = new Map<string, string>();
/** Partitions and positions that one request names at most. */
const POSITIONS_MAX = 64;

export function onLink(listener: (link: Link) => void): () => void {
  listeners.add(listener);
  listener(link);
  return () => listeners.delete(listener);
}

function setLink(next: Link) {
  if (link === next || link === "old") return;
  link = next;
  listeners.forEach((listener) => listener(next));
}

export async function ask<T>(method: string, path: string, body?: object | null, asking: Asking = {}): Promise<T> {
  const headers: Record<string, string> = {};
  if (positions.size) headers["ringbolt-position"] = [...positions].slice(-POSITIONS_MAX).map(([at, position]) => `${at}-${position}`).join(",");
  let sent: BodyInit | undefined;
  if (body instanceof FormData) sent = body;
  else if (asking.raw !== undefined || body) {
    headers["content-type"] = "application/json";
    sent = asking.raw ?? JSON.stringify(body);
  }
  let answer: Response;
  try {
    answer = await fetch(new URL(path.replace(/^\//, ""), root), { method, headers, body: sent, signal: asking.signal });
  } catch (error) {
    if (!asking.signal?.aborted) setLink("away");
    throw asking.signal?.aborted ? error : new Problem(0, "No answer", "The server does not answer.");
  }
  setLink("ok");
  const position = answer.headers.get("ringbolt-position")?.split("-");
  if (position?.length === 2) positions.set(position[0]!, position[1]!);
  const text = await answer.text();
  if (!answer.ok) {
    const refusal = problem(answer, text);
    // Positions of another server, or of this one before it was emptied: nothing was done yet, so it is asked again without them.
    if (refusal.status === 400 && headers["ringbolt-position"] && refusal.message.includes("position")) {
      positions.clear();
      return ask<T>(method, path, body, asking);
    }
    throw refusal;
  }
  if (asking.text) return text as T;
  try {
    return (text ? JSON.parse(text) : undefined) as T;
  } catch {
    throw foreign(answer);
  }
}

/** What does not answer as the API does says nothing that somebody here could use; a page of a proxy may be long. */
const foreign = (answer: Response) => new Problem(answer.status, answer.statusText, `${answer.status} ${answer.statusText}`.trim(), true);

function problem(answer: Response, text: string): Problem {
  try {
    const { title, detail } = JSON.parse(text) as { title?: string; detail?: string };
    return new Problem(answer.status, title ?? answer.statusText, detail || answer.statusText);
  } catch {
    return foreign(answer);
  }
}

export const get = <T>(path: string, asking?: Asking) => ask<T>("GET", path, undefined, asking);
export const post = <T>(path: string, body: object = {}, asking?: Asking) => ask<T>("POST", path, body, asking);

export interface Page<T> {
  items: T[];
  page: { totalItems: number; hasMoreTotalItems?: boolean; startCursor?: string | null; endCursor?: string | null };
}

export interface Query {
  filter?: object;
  sort?: { field: string; order: "ASC" | "DESC" }[];
  page?: { limit?: number; from?: number; after?: string; before?: string };
}

export const search = <T>(what: string, query: Query = {}, asking?: Asking) => post<Page<T>>(`v2/${what}/search`, query, asking);

/** Looks from time to time whether the server has other pages by now. */
export async function lookForOther(): Promise<void> {
  try {
    const answer = await fetch(new URL("assets/build.json", root), { cache: "no-store" });
    const { build } = (await answer.json()) as { build: string };
    if (build !== document.documentElement.dataset.build) {
      link = "old";
      listeners.forEach((listener) => listener("old"));
    } else setLink("ok");
  } catch {
    setLink("away");
  }
}

/** Loads a library of the pages. Where it is gone, the server may have other pages by now: that is looked for at once. */
export async function library<T>(name: string): Promise<T> {
  try {
    return (await import(new URL(`assets/${name}`, root).href)) as T;
  } catch (error) {
    void lookForOther();
    throw error;
  }
}

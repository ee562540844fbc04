// Which page is shown: the address below where the pages stand.

import { root } from "./server";

export interface Route {
  /** The first part of the path; empty for the overview. */
  page: string;
  /** The second part; empty without one. */
  key: string;
  query: URLSearchParams;
}

const listeners = new Set<() => void>();

function part(text: string | undefined): string {
  try {
    return decodeURIComponent(text ?? "");
  } catch {
    return text ?? "";
  }
}

export function current(): Route {
  const below = location.pathname.slice(root.pathname.length).replace(/\/+$/, "");
  const [page, key, ...more] = below.split("/");
  // No page is deeper than that.
  if (more.length) return { page: below, key: "", query: new URLSearchParams() };
  // Those that failed are found among all.
  if (page === "incidents" && !key) return { page: "instances", key: "", query: new URLSearchParams({ state: "incident" }) };
  return { page: part(page), key: part(key), query: new URLSearchParams(location.search) };
}

/** The address of a page. */
export function to(page: string, key = "", query?: Record<string, string | undefined>): string {
  const given = Object.entries(query ?? {}).filter((pair): pair is [string, string] => !!pair[1]);
  const asked = given.length ? `?${new URLSearchParams(given)}` : "";
  return new URL(page + (key ? `/${encodeURIComponent(key)}` : ""), root).pathname + asked;
}

export function go(address: string, isReplacing = false): void {
  history[isReplacing ? "replaceState" : "pushState"](null, "", address);
  if (!isReplacing) scrollTo(0, 0);
  listeners.forEach((listener) => listener());
}

export function onRoute(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

addEventListener("popstate", () => listeners.forEach((listener) => listener()));

/** A click on a link to one of the pages goes there without loading everything anew. */
addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest?.("a");
  if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
  const below = link.pathname.startsWith(root.pathname) ? link.pathname.slice(root.pathname.length) : "v2";
  // The rest of the server is no page of these.
  if (/^(v2|assets|swagger|openapi)\b/.test(below)) return;
  event.preventDefault();
  go(link.pathname + link.search);
});

// Values as texts for people.

const INVISIBLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** A text of somebody else: what would be invisible, or would turn other text around, is shown by its number. */
export function plain(text: string): string {
  return text.replace(INVISIBLE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A text of at most so many characters. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  // Not in the middle of a pair.
  const end = /[\ud800-\udbff]/.test(text[most - 1] ?? "") ? most - 1 : most;
  return `${text.slice(0, end)}…`;
}

const thisYear = new Intl.DateTimeFormat(undefined, { day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const anyYear = new Intl.DateTimeFormat(undefined, { day: "2-digit", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

/** Local time; the day only where it is not today. */
export function time(date: string, now = new Date()): string {
  const at = new Date(date);
  if (Number.isNaN(at.getTime())) return plain(date);
  if (at.toDateString() === now.toDateString()) return clock.format(at);
  return (at.getFullYear() === now.getFullYear() ? thisYear : anyYear).format(at);
}

/** The name of the local zone at a time. */
export function zone(at = new Date()): string {
  const parts = new Intl.DateTimeFormat("en", { timeZoneName: "shortOffset" }).formatToParts(at);
  return (parts.find((part) => part.type === "timeZoneName")?.value ?? "local").replace("GMT", "UTC");
}

const UNITS: [number, string][] = [[86_400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

/** A duration in its two largest units. */
export function duration(ms: number): string {
  if (ms < 0) return `−${duration(-ms)}`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  let left = Math.round(ms / 1000);
  const parts: string[] = [];
  for (const [seconds, unit] of UNITS) {
    const count = Math.floor(left / seconds);
    left -= count * seconds;
    if (count || parts.length) parts.push(count ? `${count} ${unit}` : "");
    if (parts.length === 2) break;
  }
  return parts.filter(Boolean).join(" ");
}

export const between = (start: string, end: string | null) => duration(new Date(end ?? Date.now()).getTime() - new Date(start).getTime());

/** When something is due, in words. */
export function dueIn(dueDate: string | null): string {
  if (!dueDate) return "is due at no time";
  return new Date(dueDate).getTime() <= Date.now() ? "is due" : `is due in ${between(new Date().toISOString(), dueDate)}`;
}

const count = new Intl.NumberFormat("en");
export const number = (value: number) => count.format(value).replaceAll(",", "\u2009");

export const plural = (value: number, one: string, many = `${one}s`) => `${number(value)} ${value === 1 ? one : many}`;

/** `SERVICE_TASK` as `service task`. */
export const lower = (name: string) => name.toLowerCase().replaceAll("_", " ");

/** `serviceTask`, as models have it, as `service task`. */
export const kindWords = (tag: string) => plain(lower(tag.replace(/[A-Z]/g, (char) => ` ${char}`)));

/** What a text of JSON is. */
export function kindOf(json: string): string {
  switch (json.trimStart()[0]) {
    case "{": return "object";
    case "[": return "list";
    case '"': return "text";
    case "t": case "f": return "boolean";
    case "n": return "null";
    default: return "number";
  }
}

/** JSON with line breaks; numbers and texts are left as they are. */
export function indented(json: string): string {
  let out = "";
  let depth = 0;
  let inText = false;
  for (let at = 0; at < json.length; at++) {
    const char = json[at]!;
    if (inText) {
      out += char;
      if (char === "\\") out += json[++at] ?? "";
      else if (char === '"') inText = false;
    } else if (char === '"') {
      inText = true;
      out += char;
    } else if (char === "{" || char === "[") {
      const isEmpty = /^\s*[}\]]/.test(json.slice(at + 1, at + 64));
      out += isEmpty ? char : `${char}\n${"  ".repeat(++depth)}`;
      if (isEmpty) {
        while (!/[}\]]/.test(json[at + 1] ?? "}")) at++;
        out += json[++at];
      }
    } else if (char === "}" || char === "]") out += `\n${"  ".repeat(Math.max(0, --depth))}${char}`;
    else if (char === ",") out += `,\n${"  ".repeat(depth)}`;
    else if (char === ":") out += ": ";
    else if (!/\s/.test(char)) out += char;
  }
  return out;
}

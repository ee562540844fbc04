// Failures that are the same but for keys and numbers in their messages: one line for all of them.

/** Messages that differ in numbers alone are told apart up to so many: `answered 404` and `answered 503` are two things, order 1 to order 400 are one. */
const APART_MAX = 3;
/** How much of a message a filter is made of. */
const PATTERN_MAX = 200;

const NUMBERS = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d+/gi;

/** What messages have in common that differ in numbers. */
const shape = (message: string) => message.replace(NUMBERS, "#");

export interface Group<T> {
  rows: T[];
  /** A message, or where they differ what they have in common. */
  message: string;
  isOfMany: boolean;
}

/** Rows by the shape of their messages, and by what else tells them apart; in the order of the first of each. */
export function grouped<T>(rows: T[], message: (row: T) => string, of: (row: T) => string = () => ""): Group<T>[] {
  const key = (row: T, text: string) => JSON.stringify([of(row), text]);
  const messages = new Map<string, Set<string>>();
  for (const row of rows) {
    const at = key(row, shape(message(row)));
    messages.set(at, (messages.get(at) ?? new Set()).add(message(row)));
  }
  const groups = new Map<string, Group<T>>();
  for (const row of rows) {
    const common = shape(message(row));
    const isOfMany = messages.get(key(row, common))!.size > APART_MAX;
    const at = key(row, isOfMany ? common : message(row));
    const group = groups.get(at) ?? { rows: [], message: isOfMany ? common.replaceAll("#", "…") : message(row), isOfMany };
    group.rows.push(row);
    groups.set(at, group);
  }
  return [...groups.values()];
}

/** A filter of the API that messages of this shape hold for. */
export function patternOf(message: string): string {
  const [first = ""] = message.split("\n", 1);
  const text = first.slice(0, PATTERN_MAX).replace(/[*?\\]/g, "?").replace(NUMBERS, "*");
  return `${text}*`.replace(/\*+/g, "*");
}

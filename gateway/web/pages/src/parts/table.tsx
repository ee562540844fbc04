// A table that stays readable: fixed columns, a page at a time.

import type { ComponentChildren } from "preact";
import type { Page } from "../server";
import { number } from "../text";

export interface Column<T> {
  title: string;
  show: (row: T) => ComponentChildren;
  /** `number` is right-aligned, `wide` takes what is left, `minor` goes on a phone. */
  kind?: string;
}

interface Props<T> {
  label: string;
  columns: Column<T>[];
  rows: T[];
  keyOf: (row: T) => string;
  classOf?: (row: T) => string;
  onRow?: (row: T) => void;
}

export function Table<T>({ label, columns, rows, keyOf, classOf, onRow }: Props<T>) {
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th scope="col" class={column.kind}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} class={classOf?.(row)} onClick={onRow && ((event) => (event.target as Element).closest("a,button,input") || onRow(row))}>
              {columns.map((column) => (
                <td class={column.kind}>{column.show(row)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** How many there are: exact up to what the server counts. */
export const total = (page: Page<unknown>["page"]) => `${number(page.totalItems)}${page.hasMoreTotalItems ? " or more" : ""}`;

interface PagerProps {
  page: Page<unknown>["page"];
  shown: number;
  limit: number;
  at: { after?: string; before?: string };
  move: (at: { after?: string; before?: string }) => void;
}

/** Goes through pages by cursors, so that rows are neither skipped nor shown twice. */
export function Pager({ page, shown, limit, at, move }: PagerProps) {
  const isFirst = !at.after && !at.before;
  const isLast = !at.before && shown < limit;
  if (isFirst && isLast) return null;
  return (
    <nav class="pager" aria-label="Pages">
      <button type="button" disabled={isFirst} onClick={() => move({})}>
        First
      </button>
      <button type="button" disabled={isFirst || !page.startCursor} onClick={() => move({ before: page.startCursor ?? undefined })}>
        Previous
      </button>
      <button type="button" disabled={isLast || !page.endCursor} onClick={() => move({ after: page.endCursor ?? undefined })}>
        Next
      </button>
    </nav>
  );
}

// The history of an instance: its element instances by scope. What is inside a scope is loaded when it is unfolded.

import { useState } from "preact/hooks";
import { OFTEN, SELDOM, useLoad } from "../load";
import { search, type Page } from "../server";
import { cut, lower, number, plain } from "../text";
import type { ElementInstance, Instance } from "../things";
import { to } from "../route";
import { Took } from "./basics";
import { SCOPES } from "../words";

/** Element instances of a scope that are shown at first, and with each click more. */
const STEP = 100;

interface Props {
  instance: Instance;
  called: Instance[];
  selected?: string;
  onSelect: (element: ElementInstance | undefined) => void;
  nameOf: (elementId: string) => string | undefined;
  /** Where an event stands that has its place at something else. */
  hostOf: (elementId: string) => string | undefined;
}

interface ScopeProps extends Props {
  scopeKey: string;
  level: number;
  isLive: boolean;
}

export function Tree(props: Props) {
  const { instance, selected, onSelect } = props;
  return (
    <ul class="tree" role="tree" aria-label="History">
      <li role="none">
        <button type="button" role="treeitem" aria-level={1} aria-expanded="true" aria-selected={!selected} class="row" onClick={() => onSelect(undefined)} onKeyDown={move}>
          <span class="twist" aria-hidden="true" />
          <span class={`state ${kindOf(instance.state, instance.hasIncident)}`}>
            <bdi>{plain(cut(instance.processDefinitionName || instance.processDefinitionId, 80))}</bdi>
          </span>
          <span class="took"><Took start={instance.startDate} end={instance.endDate} /></span>
        </button>
        <Scope {...props} scopeKey={instance.processInstanceKey} level={2} isLive={instance.state === "ACTIVE"} />
      </li>
    </ul>
  );
}

/** Arrow keys go through the rows: the tree is one stop of the tabulator. */
function move(event: KeyboardEvent) {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  const at = event.currentTarget as HTMLElement;
  const rows = [...(at.closest('[role="tree"]')?.querySelectorAll<HTMLElement>(".row") ?? [])];
  if (!step) return;
  rows[rows.indexOf(at) + step]?.focus();
  event.preventDefault();
}

const kindOf = (state: string, hasIncident: boolean) => (hasIncident ? "failed" : state === "ACTIVE" ? "active" : state === "COMPLETED" ? "done" : "gone");

function Scope(props: ScopeProps) {
  const [limit, setLimit] = useState(STEP);
  const query = { filter: { elementInstanceScopeKey: props.scopeKey }, page: { limit }, sort: [{ field: "startDate", order: "ASC" as const }, { field: "elementInstanceKey", order: "ASC" as const }] };
  const { data, error } = useLoad<Page<ElementInstance>>((signal) => search("element-instances", query, { signal }), [props.scopeKey, limit], props.isLive ? (limit > STEP ? SELDOM : OFTEN) : 0, props.instance.processInstanceKey);
  if (error && !data) return <p class="faint inset">The history cannot be read: {plain(error.message)}</p>;
  if (!data) return null;
  const left = data.page.totalItems - data.items.length;
  return (
    <ul role="group">
      {data.items.map((element) => (
        <Node key={element.elementInstanceKey} {...props} element={element} />
      ))}
      {left > 0 && (
        <li role="none">
          <button type="button" class="more inset" onClick={() => setLimit((old) => Math.min(10_000, old * 4))}>
            {number(left)}
            {data.page.hasMoreTotalItems ? " or more" : ""} more
          </button>
        </li>
      )}
    </ul>
  );
}

function Node(props: ScopeProps & { element: ElementInstance }) {
  const { element, level, selected, onSelect, nameOf, hostOf, called } = props;
  const isScope = SCOPES.includes(element.type);
  const [isOpen, setOpen] = useState(isScope && element.state === "ACTIVE" && level < 6);
  const child = called.find((one) => one.parentElementInstanceKey === element.elementInstanceKey);
  const name = nameOf(element.elementId) || element.elementName || element.elementId;
  const key = (event: KeyboardEvent) => {
    if (event.key === "ArrowRight" && isScope) setOpen(true);
    else if (event.key === "ArrowLeft" && isScope) setOpen(false);
    else return move(event);
    event.preventDefault();
  };
  return (
    <li role="none">
      <button
        type="button"
        role="treeitem"
        class="row"
        tabIndex={selected === element.elementInstanceKey ? 0 : -1}
        aria-level={level}
        aria-expanded={isScope ? isOpen : undefined}
        aria-selected={selected === element.elementInstanceKey}
        onClick={() => {
          if (isScope && (selected === element.elementInstanceKey || !isOpen)) setOpen(!isOpen);
          onSelect(element);
        }}
        onKeyDown={key}
      >
        <span class={isScope ? `twist ${isOpen ? "open" : "shut"}` : "twist"} aria-hidden="true" />
        <span class={`state ${kindOf(element.state, element.hasIncident)}`}>
          <bdi>{plain(cut(name, 80))}</bdi>
        </span>
        <span class="kind">{element.type === "MULTI_INSTANCE_BODY" ? "one for each" : lower(element.type)} {hostOf(element.elementId)}</span>
        <span class="took"><Took start={element.startDate} end={element.endDate} /></span>
      </button>
      {child && (
        <a class="called" href={to("instances", child.processInstanceKey)}>
          {plain(cut(child.processDefinitionName || child.processDefinitionId, 60))}
        </a>
      )}
      {isScope && isOpen && <Scope {...props} scopeKey={element.elementInstanceKey} level={level + 1} isLive={element.state === "ACTIVE"} />}
    </li>
  );
}

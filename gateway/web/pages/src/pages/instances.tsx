// All instances, by whatever the API can filter. The filters stand in the address, so that a list can be kept and sent.

import { useEffect, useState } from "preact/hooks";
import { ANYTHING } from "../live";
import { OFTEN, SELDOM, useLoad } from "../load";
import { go, to } from "../route";
import { isReadOnly, search, type Page } from "../server";
import { cut, plain, zone } from "../text";
import type { Definition, Instance } from "../things";
import { Empty, Loading, State, Time, Took, Trouble } from "../parts/basics";
import { variableOf } from "../parts/find";
import { Pager, Table, total, type Column } from "../parts/table";
import type { Chosen } from "./instances_ask";
import { Batch } from "./instances_batch";

const LIMIT = 50;

/** What is asked, as the address has it. */
type Asked = Record<string, string>;

const STATES: [string, string, object][] = [
  ["", "All", {}],
  ["running", "Running", { state: "ACTIVE" }],
  ["incident", "With incidents", { state: "ACTIVE", hasIncident: true }],
  ["suspended", "Suspended", { state: "SUSPENDED" }],
  ["completed", "Completed", { state: "COMPLETED" }],
  ["canceled", "Canceled", { state: "TERMINATED" }],
];

/** A text that may hold `*` and `?`. */
const like = (text: string) => (/[*?]/.test(text) ? { $like: text } : text);

/** Variables of the address: a line each, `name=value`. */
function variables(text: string) {
  return text.split("\n").map((line) => variableOf(line.trim())).filter((one) => one !== undefined);
}

/** The time of a date field, as the API wants it. */
function instant(text: string): string | undefined {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

function range(from?: string, until?: string) {
  const [$gte, $lt] = [instant(from ?? ""), instant(until ?? "")];
  return $gte || $lt ? { ...($gte && { $gte }), ...($lt && { $lt }) } : undefined;
}

/** The filter of the API for what is asked. */
export function filterOf(asked: Asked): object {
  const given = variables(asked.variables ?? "");
  return Object.fromEntries(
    Object.entries({
      ...STATES.find(([name]) => name === (asked.state ?? ""))?.[2],
      processDefinitionId: asked.process || undefined,
      processDefinitionKey: asked.definition || undefined,
      processDefinitionVersion: /^\d{1,9}$/.test(asked.version ?? "") ? Number(asked.version) : undefined,
      businessId: asked.business ? like(asked.business) : undefined,
      errorMessage: asked.error ? like(asked.error) : undefined,
      elementId: asked.element || undefined,
      ...(asked.element && (asked.state === "running" || !asked.state) && { elementInstanceState: "ACTIVE" }),
      incidentErrorHashCode: /^-?\d{1,10}$/.test(asked.errorHash ?? "") ? Number(asked.errorHash) : undefined,
      hasRetriesLeft: asked.retries === "yes" ? true : undefined,
      parentProcessInstanceKey: asked.parent || undefined,
      startDate: range(asked.from, asked.until),
      variables: given.length ? given : undefined,
    }).filter(([, value]) => value !== undefined),
  );
}

const SORTS: [string, string, string][] = [
  ["", "Newest first", "startDate"],
  ["oldest", "Oldest first", "startDate"],
  ["ended", "Last ended first", "endDate"],
];

export function InstancesPage({ query }: { query: URLSearchParams }) {
  const asked: Asked = Object.fromEntries(query);
  const { after, before, sort, ...rest } = asked;
  const filter = filterOf(rest);
  const [, , field] = SORTS.find(([name]) => name === (sort ?? "")) ?? SORTS[0]!;
  const order = sort === "oldest" ? "ASC" : "DESC";
  const [chosen, setChosen] = useState<Chosen>(new Map());
  const isFirst = !after && !before;
  const body = { filter, sort: [{ field, order: order as "ASC" | "DESC" }], page: { limit: LIMIT, ...(after ? { after } : before ? { before } : {}) } };
  const { data, error, reload } = useLoad<Page<Instance>>((signal) => search("process-instances", body, { signal }), [body], isFirst ? OFTEN : SELDOM, ANYTHING);
  const definitions = useLoad<Page<Definition>>((signal) => search("process-definitions", { filter: { isLatestVersion: true }, sort: [{ field: "name", order: "ASC" }], page: { limit: 1000 } }, { signal }), []);
  useEffect(() => setChosen(new Map()), [JSON.stringify(filter)]);
  const set = (changes: Asked, isReplacing = false) => {
    const next = { ...rest, ...(sort && { sort }), ...changes };
    go(to("instances", "", next), isReplacing);
  };
  const move = (at: { after?: string; before?: string }) => go(to("instances", "", { ...rest, ...(sort && { sort }), ...at }));
  return (
    <article>
      <header class="head">
        <h1>
          Instances {data && <span class="count">{total(data.page)}</span>}
        </h1>
      </header>
      <Filters asked={rest} sort={sort ?? ""} set={set} definitions={definitions.data?.items ?? []} />
      {!isReadOnly && <Batch chosen={chosen} filter={filter} all={data?.page} choose={setChosen} />}
      {error && !data && <Trouble problem={error} retry={reload} />}
      {!data && !error && <Loading />}
      {data && data.items.length === 0 && (
        <Empty>
          {Object.keys(filter).length ? "No instance is like this. " : "There are no instances yet. "}
          {Object.keys(filter).length ? <a href={to("instances")}>Show all</a> : <a href={to("definitions")}>Deploy a process and start one</a>}
        </Empty>
      )}
      {data && data.items.length > 0 && (
        <>
          <Table label="Instances" rows={data.items} keyOf={(row) => row.processInstanceKey} onRow={(row) => go(to("instances", row.processInstanceKey))} columns={columns(chosen, setChosen, data.items)} />
          <Pager page={data.page} shown={data.items.length} limit={LIMIT} at={{ after, before }} move={move} />
        </>
      )}
    </article>
  );
}

function columns(chosen: Chosen, setChosen: (chosen: Chosen) => void, rows: Instance[]): Column<Instance>[] {
  const toggle = (row: Instance) => {
    const next = new Map(chosen === "all" ? [] : chosen);
    if (!next.delete(row.processInstanceKey)) next.set(row.processInstanceKey, row);
    setChosen(next);
  };
  const has = (row: Instance) => chosen === "all" || chosen.has(row.processInstanceKey);
  const isAll = rows.every(has);
  const all = () => {
    const next = new Map(chosen === "all" ? [] : chosen);
    for (const row of rows) if (isAll) next.delete(row.processInstanceKey); else next.set(row.processInstanceKey, row);
    setChosen(next);
  };
  return [
    ...(isReadOnly ? [] : [{
      title: (<input type="checkbox" aria-label="Choose all on this page" checked={isAll} onChange={all} />) as unknown as string,
      kind: "tick",
      show: (row: Instance) => <input type="checkbox" aria-label={`Choose ${row.processInstanceKey}`} checked={has(row)} onChange={() => toggle(row)} />,
    }]),
    { title: "State", show: (row) => <State state={row.state} hasIncident={row.state === "ACTIVE" && row.hasIncident} /> },
    { title: "Process", kind: "wide", show: (row) => (<><a class="plain" href={to("instances", row.processInstanceKey)}><bdi title={plain(cut(row.processDefinitionName ?? "", 500))}>{plain(cut(row.processDefinitionName || row.processDefinitionId, 60))}</bdi></a> <span class="version">v{row.processDefinitionVersion}</span></>) },
    { title: "Key", kind: "minor", show: (row) => <a class="key" href={to("instances", row.processInstanceKey)}>{row.processInstanceKey}</a> },
    { title: "Business id", kind: "minor", show: (row) => (row.businessId ? <bdi title={plain(row.businessId)}>{plain(cut(row.businessId, 40))}</bdi> : <span class="faint">–</span>) },
    { title: `Started (${zone()})`, show: (row) => <Time at={row.startDate} /> },
    { title: "Took", kind: "number minor", show: (row) => <Took start={row.startDate} end={row.endDate} /> },
  ];
}

interface FiltersProps {
  asked: Asked;
  sort: string;
  set: (changes: Asked, isReplacing?: boolean) => void;
  definitions: Definition[];
}

const MORE = ["from", "until", "version", "element", "error", "retries", "variables", "parent"];

function Filters({ asked, sort, set, definitions }: FiltersProps) {
  const [isOpen, setOpen] = useState(MORE.some((name) => asked[name]));
  const text = (name: string, label: string, more: object = {}) => (
    <label class="field">
      <span>{label}</span>
      <input key={asked[name]} defaultValue={asked[name] ?? ""} onChange={(event) => set({ [name]: event.currentTarget.value.trim() })} {...more} />
    </label>
  );
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()} aria-label="Filters">
      <div class="choice" role="group" aria-label="State">
        {STATES.map(([name, title]) => (
          <button type="button" aria-pressed={(asked.state ?? "") === name} onClick={() => set({ state: name })}>
            {title}
          </button>
        ))}
      </div>
      <label class="field">
        <span>Process</span>
        <select value={asked.process ?? ""} onChange={(event) => set({ process: event.currentTarget.value, definition: "", version: "" })}>
          <option value="">All processes</option>
          {asked.process && !definitions.some((one) => one.processDefinitionId === asked.process) && <option value={asked.process}>{plain(cut(asked.process, 60))}</option>}
          {definitions.map((one) => (
            <option value={one.processDefinitionId}>{plain(cut(one.name || one.processDefinitionId, 60))}</option>
          ))}
        </select>
      </label>
      {text("business", "Business id", { placeholder: "ORD-* finds a beginning" })}
      <label class="field">
        <span>Order</span>
        <select value={sort} onChange={(event) => set({ sort: event.currentTarget.value })}>
          {SORTS.map(([name, title]) => (
            <option value={name}>{title}</option>
          ))}
        </select>
      </label>
      <button type="button" class="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? "Fewer filters" : "More filters"}
      </button>
      {isOpen && (
        <div class="filters-more">
          {text("from", "Started from", { type: "datetime-local" })}
          {text("until", "Started before", { type: "datetime-local" })}
          {text("version", "Version", { inputMode: "numeric", size: 6 })}
          {text("element", "Stands at element (id)")}
          {text("error", "Error message", { placeholder: "*timeout*" })}
          {text("parent", "Called by (key)", { inputMode: "numeric" })}
          <label class="field">
            <span>Variables, name=value, a line each; all must be so</span>
            <textarea key={asked.variables} rows={2} spellcheck={false} defaultValue={asked.variables ?? ""} onChange={(event) => set({ variables: event.currentTarget.value.trim() })} />
          </label>
          <label class="tickfield">
            <input type="checkbox" checked={asked.retries === "yes"} onChange={(event) => set({ retries: event.currentTarget.checked ? "yes" : "" })} /> A job failed and has retries left
          </label>
        </div>
      )}
      {asked.errorHash && <span class="chip">With the same error message</span>}
      {asked.definition && <span class="chip">Of one version</span>}
      {(Object.values(asked).some(Boolean) || sort) && (
        <a class="clear" href={to("instances")}>
          Clear
        </a>
      )}
    </form>
  );
}

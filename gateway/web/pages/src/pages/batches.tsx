// Batch operations: what is done to many at once, how far it is, and what could not be done.

import { useState } from "preact/hooks";
import { OFTEN, SELDOM, useLoad } from "../load";
import { go, to } from "../route";
import { get, isReadOnly, post, search, type Page } from "../server";
import { number, plain, plural } from "../text";
import type { BatchItem, BatchOperation } from "../things";
import { Empty, Facts, Key, Loading, NotThere, Panel, State, Time, Took, Trouble, whyNot, Words } from "../parts/basics";
import { Dialog } from "../parts/dialog";
import { Pager, Table, total } from "../parts/table";

const LIMIT = 50;
const ENDED = ["COMPLETED", "PARTIALLY_COMPLETED", "CANCELED", "FAILED"];

const KINDS: Record<string, string> = {
  CANCEL_PROCESS_INSTANCE: "Cancel instances",
  MIGRATE_PROCESS_INSTANCE: "Migrate instances",
  MODIFY_PROCESS_INSTANCE: "Modify instances",
  RESOLVE_INCIDENT: "Try incidents again",
  DELETE_PROCESS_INSTANCE: "Delete instances",
  DELETE_DECISION_INSTANCE: "Delete evaluated decisions",
  SUSPEND_PROCESS_INSTANCE: "Suspend instances",
  RESUME_PROCESS_INSTANCE: "Resume instances",
};

const kindOf = (one: BatchOperation) => KINDS[one.batchOperationType] ?? plain(one.batchOperationType.toLowerCase().replaceAll("_", " "));
const isOver = (one: BatchOperation) => ENDED.includes(one.state);
/** Failed items alone leave it completed: that is said where it is seen. */
const Standing = ({ of }: { of: BatchOperation }) => <State state={of.state === "ACTIVE" ? "RUNS" : of.state} hasIncident={false} />;

/** How many are done, of how many: in words, and as a bar. */
function Progress({ of }: { of: BatchOperation }) {
  const { operationsTotalCount: all, operationsCompletedCount: done, operationsFailedCount: failed } = of;
  const share = (count: number) => (all ? (100 * count) / all : 0);
  return (
    <span class="progress">
      <svg class="bar-of" viewBox="0 0 100 6" preserveAspectRatio="none" width="100" height="6" aria-hidden="true">
        <rect class="of-none" x="0" y="0" height="6" width="100" />
        <rect class="of-all" x="0" y="0" height="6" width={share(done + failed)} />
        <rect class="of-failed" x="0" y="0" height="6" width={share(failed)} />
      </svg>{" "}
      <span class="number">{`${number(done + failed)} of ${number(all)}`}</span>
      {failed > 0 && <b class="failed">{` ${number(failed)} failed`}</b>}
    </span>
  );
}

export function BatchesPage({ query }: { query: URLSearchParams }) {
  const [after, before] = [query.get("after") ?? undefined, query.get("before") ?? undefined];
  const body = { sort: [{ field: "startDate", order: "DESC" as const }], page: { limit: LIMIT, ...(after ? { after } : before ? { before } : {}) } };
  const { data, error, reload } = useLoad<Page<BatchOperation>>((signal) => search("batch-operations", body, { signal }), [body], OFTEN);
  return (
    <article>
      <header class="head">
        <h1>Batch operations {data && <span class="count">{total(data.page)}</span>}</h1>
      </header>
      {error && !data && <Trouble problem={error} retry={reload} />}
      {!data && !error && <Loading />}
      {data && data.items.length === 0 && (
        <Empty>
          There are none. <a href={to("instances")}>Choose instances</a> to do something to many at once.
        </Empty>
      )}
      {data && data.items.length > 0 && (
        <>
          <Table
            label="Batch operations"
            rows={data.items}
            keyOf={(row) => row.batchOperationKey}
            onRow={(row) => go(to("batches", row.batchOperationKey))}
            columns={[
              { title: "State", show: (row) => <Standing of={row} /> },
              { title: "What", kind: "wide", show: (row) => <a href={to("batches", row.batchOperationKey)}>{kindOf(row)}</a> },
              { title: "Done", show: (row) => <Progress of={row} /> },
              { title: "Key", kind: "minor", show: (row) => <span class="key">{row.batchOperationKey}</span> },
              { title: "Started", show: (row) => <Time at={row.startDate} /> },
              { title: "Took", kind: "number minor", show: (row) => (row.startDate ? <Took start={row.startDate} end={row.endDate} /> : <span class="faint">–</span>) },
            ]}
          />
          <Pager page={data.page} shown={data.items.length} limit={LIMIT} at={{ after, before }} move={(at) => go(to("batches", "", at))} />
        </>
      )}
    </article>
  );
}

const SHOWN: [string, string][] = [["", "All"], ["ACTIVE", "To do"], ["COMPLETED", "Done"], ["FAILED", "Failed"], ["CANCELED", "Not done"]];

export function BatchPage({ id }: { id: string }) {
  const [isGoing, setGoing] = useState(true);
  const { data, error, reload } = useLoad((signal) => get<BatchOperation>(`v2/batch-operations/${id}`, { signal }), [id], isGoing ? OFTEN : 0);
  const [asked, setAsked] = useState(false);
  if (error && !data) return error.status === 404 ? <NotThere what="batch operation" id={id} all={[to("batches"), "All batch operations"]} /> : <Trouble problem={error} retry={reload} />;
  if (!data) return <Loading />;
  if (isOver(data) === isGoing) setGoing(!isOver(data));
  return (
    <article>
      <header class="head">
        <h1>
          {kindOf(data)} <Standing of={data} />
        </h1>
        <Facts
          of={[
            ["Key", <Key value={data.batchOperationKey} />],
            ["Started", <Time at={data.startDate} />],
            ...(data.endDate ? [["Ended", <Time at={data.endDate} />] as [string, preact.ComponentChild]] : []),
            ["Done", <Progress of={data} />],
          ]}
        />
        {!isOver(data) && !isReadOnly && <Hold of={data} reload={reload} cancel={() => setAsked(true)} />}
      </header>
      {data.errors.map((one) => (
        <p class="trouble">
          Partition {one.partitionId} did not take part: {plain(one.type.toLowerCase().replaceAll("_", " "))}. <Words text={one.message} />
        </p>
      ))}
      <Items key={id} of={data} />
      {asked && (
        <Dialog title="Cancel the batch operation" verb="Cancel it" isDangerous act={async () => post(`v2/batch-operations/${id}/cancellation`)} close={() => { setAsked(false); reload(); }}>
          <p>
            “{kindOf(data)}” <b>{id}</b> ends now. What is done stays done: {plural(data.operationsCompletedCount, "item")} of {number(data.operationsTotalCount)}. The others are left alone.
          </p>
        </Dialog>
      )}
    </article>
  );
}

/** Lets it rest and go on, at once: nothing is lost by either. */
function Hold({ of, reload, cancel }: { of: BatchOperation; reload: () => void; cancel: () => void }) {
  const [problem, setProblem] = useState("");
  const ask = async (what: string) => {
    setProblem("");
    await post(`v2/batch-operations/${of.batchOperationKey}/${what}`).catch((error: unknown) => setProblem(whyNot(error)));
    reload();
  };
  return (
    <p class="actions">
      {of.state === "SUSPENDED" ? (
        <button type="button" class="primary" onClick={() => ask("resumption")}>
          Resume
        </button>
      ) : (
        <button type="button" onClick={() => ask("suspension")}>
          Suspend
        </button>
      )}
      <button type="button" class="danger" onClick={cancel}>
        Cancel
      </button>
      {problem && <small class="wrong">{problem}</small>}
    </p>
  );
}

function Items({ of }: { of: BatchOperation }) {
  const [state, setState] = useState(of.operationsFailedCount ? "FAILED" : "");
  const [at, setAt] = useState<{ after?: string; before?: string }>({});
  const filter = { batchOperationKey: of.batchOperationKey, ...(state && { state }) };
  const query = { filter, page: { limit: LIMIT, ...at } };
  const { data, error, reload } = useLoad<Page<BatchItem>>((signal) => search("batch-operation-items", query, { signal }), [query], isOver(of) ? 0 : SELDOM);
  const counts = `${of.operationsCompletedCount} ${of.operationsFailedCount} ${of.state}`;
  const [seen, setSeen] = useState(counts);
  if (seen !== counts) {
    setSeen(counts);
    reload();
  }
  const isOfInstances = !/DECISION/.test(of.batchOperationType);
  const tools = (
    <div class="choice" role="group" aria-label="State of items">
      {SHOWN.map(([name, title]) => (
        <button type="button" aria-pressed={state === name} onClick={() => { setState(name); setAt({}); }}>
          {title}
        </button>
      ))}
    </div>
  );
  return (
    <Panel title="Items" count={data && total(data.page)} tools={tools}>
      {error && !data && <Trouble problem={error} retry={reload} />}
      {!data && !error && <Loading />}
      {data && data.items.length === 0 && <Empty>{of.state === "CREATED" || !of.operationsTotalCount ? (isOver(of) ? "Nothing was like what was asked for." : "What it is done to is still looked for.") : "None is like this."}</Empty>}
      {data && data.items.length > 0 && (
        <Table
          label="Items"
          rows={data.items}
          keyOf={(row) => row.itemKey}
          columns={[
            { title: "State", show: (row) => <State state={row.state === "ACTIVE" ? "TO_DO" : row.state === "CANCELED" ? "NOT_DONE" : row.state === "COMPLETED" ? "DONE" : row.state} /> },
            { title: "Of", show: (row) => (isOfInstances && row.processInstanceKey ? <a class="key" href={to("instances", row.processInstanceKey)}>{row.processInstanceKey}</a> : <span class="key">{row.itemKey}</span>) },
            { title: "Why not", kind: "wide", show: (row) => <Words text={row.errorMessage} most={300} /> },
            { title: "At", kind: "minor", show: (row) => <Time at={row.processedDate} /> },
          ]}
        />
      )}
      {data && <Pager page={data.page} shown={data.items.length} limit={LIMIT} at={at} move={setAt} />}
    </Panel>
  );
}

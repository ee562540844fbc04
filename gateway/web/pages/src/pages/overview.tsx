// What is running, where it stands, what failed: all of the server on one page.

import { ANYTHING } from "../live";
import { grouped, patternOf } from "../failures";
import { SELDOM, useLoad } from "../load";
import { to } from "../route";
import { get, search, post, type Page } from "../server";
import { cut, number, plain, plural } from "../text";
import type { Incident, Job } from "../things";
import { OPEN_JOBS, OPEN_TASKS } from "../words";
import { Empty, Line, Loading, Panel, Time, Trouble } from "../parts/basics";
import { Table, total } from "../parts/table";
import { Engine } from "./overview_engine";

interface ByProcess {
  processDefinitionId: string;
  latestProcessDefinitionName: string | null;
  activeInstancesWithoutIncidentCount: number;
  activeInstancesWithIncidentCount: number;
}
interface ByError {
  errorHashCode: number;
  errorMessage: string;
  activeInstancesWithErrorCount: number;
}
interface Topology {
  brokers: { nodeId: number; host: string; port: number; partitions: { partitionId: number; role: string; health: string }[] }[];
  partitionsCount: number;
  gatewayVersion: string;
}

interface ByType {
  jobType: string;
  completed: { count: number };
  failed: { count: number };
}

/** Where nobody has finished a job of a type for so long, its open jobs may have no worker, ms. */
const STARVED = 5 * 60_000;
/** How old the oldest of them is then at least, ms. */
const STARVED_OLD = 30_000;
/** Lines of errors, and errors that are looked at where there are more. */
const LINES = 20;
const ERRORS_LOOK = 500;
/** Lines of the newest incidents, and incidents that are looked at for them. */
const LINES_NEWEST = 10;
const NEWEST = 100;
/** Waiting jobs that are looked at for their types. */
const JOBS_LOOK = 1000;

export function OverviewPage() {
  const asking = (signal: AbortSignal) => ({ signal });
  const processes = useLoad((signal) => post<Page<ByProcess>>("v2/process-definitions/statistics/process-instances", { page: { limit: 500 } }, asking(signal)), ["processes"], SELDOM, ANYTHING);
  const errors = useLoad((signal) => loadErrors(asking(signal)), ["errors"], SELDOM, ANYTHING);
  const incidents = useLoad((signal) => search<Incident>("incidents", { filter: { state: "ACTIVE" }, sort: [{ field: "creationTime", order: "DESC" }], page: { limit: NEWEST } }, asking(signal)), ["incidents"], SELDOM, ANYTHING);
  const jobs = useLoad((signal) => search<Job>("jobs", { filter: { state: OPEN_JOBS, retries: { $gt: 0 } }, sort: [{ field: "creationTime", order: "ASC" }], page: { limit: JOBS_LOOK } }, asking(signal)), ["jobs"], SELDOM, ANYTHING);
  const tasks = useLoad((signal) => search<unknown>("user-tasks", { filter: { state: OPEN_TASKS }, page: { limit: 1 } }, asking(signal)), ["tasks"], SELDOM, ANYTHING);
  const topology = useLoad((signal) => get<Topology>("v2/topology", asking(signal)), ["topology"], SELDOM);
  const worked = useLoad((signal) => {
    const filter = { from: new Date(Date.now() - STARVED).toISOString(), to: new Date(Date.now() + 60_000).toISOString() };
    return post<Page<ByType>>("v2/jobs/statistics/by-types", { filter, page: { limit: JOBS_LOOK } }, asking(signal));
  }, ["worked"], 2 * SELDOM);
  const ways = grouped(errors.data?.items ?? [], (row) => row.errorMessage);
  const newest = grouped(incidents.data?.items ?? [], (row) => row.errorMessage, (row) => `${row.processDefinitionId}/${row.elementId}`);
  const finished = worked.data?.items.reduce((sum, row) => sum + row.completed.count, 0);
  const rows = [...(processes.data?.items ?? [])].sort((a, b) => b.activeInstancesWithIncidentCount - a.activeInstancesWithIncidentCount || running(b) - running(a));
  const sum = (of: (row: ByProcess) => number) => rows.reduce((sum, row) => sum + of(row), 0);
  if (processes.error && !processes.data) return <Trouble problem={processes.error} retry={processes.reload} />;
  if (!processes.data) return <Loading />;
  return (
    <article class="overview">
      <h1 class="unseen">Overview</h1>
      <div class="figures">
        <Figure value={number(sum(running))} name="running" href={to("instances", "", { state: "running" })} />
        <Figure value={number(sum((row) => row.activeInstancesWithIncidentCount))} name="with incidents" href={to("instances", "", { state: "incident" })} kind={sum((row) => row.activeInstancesWithIncidentCount) ? "failed" : ""} />
        <Figure value={tasks.data ? total(tasks.data.page) : "–"} name="open user tasks" href={to("tasks")} />
        {finished !== undefined && (
          <span class="figure">
            <b>{number(finished)}</b> <span>jobs done in {STARVED / 60_000} minutes</span>
          </span>
        )}
        <Health topology={topology.data} />
      </div>
      <div class="columns of-overview">
        <div>
          <Panel title="Processes" count={number(rows.length)}>
            {rows.length === 0 ? (
              <Empty>
                Nothing runs. <a href={to("definitions")}>Deploy a process and start an instance</a>, or run <code>ringbolt demo</code>.
              </Empty>
            ) : (
              <Table
                label="Processes"
                rows={rows}
                keyOf={(row) => row.processDefinitionId}
                columns={[
                  { title: "Process", kind: "wide", show: (row) => <a href={to("instances", "", { process: row.processDefinitionId, state: "running" })}><bdi>{plain(cut(row.latestProcessDefinitionName || row.processDefinitionId, 60))}</bdi></a> },
                  { title: "Running", kind: "number", show: (row) => number(running(row)) },
                  { title: "Incidents", kind: "number", show: (row) => (row.activeInstancesWithIncidentCount ? <a class="failed" href={to("instances", "", { process: row.processDefinitionId, state: "incident" })}>{number(row.activeInstancesWithIncidentCount)}</a> : <span class="faint">0</span>) },
                  { title: "", kind: "minor share", show: (row) => <Share all={running(row)} failed={row.activeInstancesWithIncidentCount} most={Math.max(...rows.map(running))} /> },
                ]}
              />
            )}
          </Panel>
          <Engine />
        </div>
        <div>
          <Panel title="Incidents by error" count={errors.data ? countOf(errors.data, ways) : undefined}>
            {errors.data?.items.length === 0 && <Empty>Nothing has failed.</Empty>}
            <ul class="lines">
              {ways.slice(0, LINES).map((way) => (
                <li key={way.message}>
                  <a href={to("instances", "", { state: "incident", ...(way.isOfMany ? { error: patternOf(way.rows[0]!.errorMessage) } : { errorHash: String(way.rows[0]!.errorHashCode) }) })}>
                    <span class="number failed">{number(way.rows.reduce((sum, row) => sum + row.activeInstancesWithErrorCount, 0))}</span> <Line text={way.message || "without a message"} most={140} />
                  </a>
                </li>
              ))}
            </ul>
            {errors.error && !errors.data && <Trouble problem={errors.error} />}
          </Panel>
          <Panel title="Newest incidents" count={incidents.data ? total(incidents.data.page) : undefined}>
            {incidents.data?.items.length === 0 && <Empty>There are none.</Empty>}
            <ul class="lines">
              {newest.slice(0, LINES_NEWEST).map(({ rows: [row, ...others], message }) => row && (
                <li key={row.incidentKey}>
                  <a href={to("instances", row.processInstanceKey)}>
                    <Time at={row.creationTime} /> <Line text={row.elementId} most={40} /> {others.length > 0 && <span class="faint">{number(others.length + 1)} times</span>} <span class="faint"><Line text={message} most={90} /></span>
                  </a>
                </li>
              ))}
            </ul>
          </Panel>
          <Waiting jobs={jobs.data} worked={worked.data?.items} />
        </div>
      </div>
    </article>
  );
}

/** The most frequent errors; more of them where there are many, which may be one error with another number each. */
async function loadErrors(asking: { signal: AbortSignal }): Promise<Page<ByError>> {
  const load = (limit: number) => post<Page<ByError>>("v2/incidents/statistics/process-instances-by-error", { page: { limit } }, asking);
  const some = await load(LINES);
  return some.page.totalItems > LINES ? load(ERRORS_LOOK) : some;
}

/** How many errors there are, as far as they were looked at. */
const countOf = ({ items, page }: Page<ByError>, ways: unknown[]) => (page.totalItems > items.length ? `${number(ways.length)} or more` : number(ways.length));

const running = (row: ByProcess) => row.activeInstancesWithIncidentCount + row.activeInstancesWithoutIncidentCount;

const Figure = ({ value, name, href, kind = "" }: { value: string; name: string; href: string; kind?: string }) => (
  <a class={`figure ${kind}`} href={href}>
    <b>{value}</b> <span>{name}</span>
  </a>
);

function Share({ all, failed, most }: { all: number; failed: number; most: number }) {
  return (
    <svg class="bar-of" viewBox="0 0 100 6" preserveAspectRatio="none" width="100" height="6" aria-hidden="true">
      <rect class="of-all" x="0" y="0" height="6" width={most ? (100 * all) / most : 0} />
      <rect class="of-failed" x="0" y="0" height="6" width={most ? (100 * failed) / most : 0} />
    </svg>
  );
}

function Health({ topology }: { topology?: Topology }) {
  if (!topology) return <span class="figure">–</span>;
  const all = topology.brokers.flatMap((broker) => broker.partitions);
  const ill = all.filter((partition) => partition.health !== "healthy");
  return (
    <span class={`figure ${ill.length ? "failed" : ""}`}>
      <b>{ill.length ? `${ill.length} of ${all.length}` : number(all.length)}</b> <span>{ill.length ? "partitions are not well" : `${all.length === 1 ? "partition" : "partitions"}, all well`}</span>
    </span>
  );
}

/** Jobs that are not done, by type: where a type has many and old ones, its workers are away or too few. */
function Waiting({ jobs, worked }: { jobs?: Page<Job>; worked?: ByType[] }) {
  const active = new Set(worked?.filter((row) => row.completed.count + row.failed.count > 0).map((row) => row.jobType));
  const isStarved = (type: string, oldest: string | null) => worked && oldest && !active.has(type) && Date.now() - new Date(oldest).getTime() > STARVED_OLD;
  const types = new Map<string, { count: number; oldest: string | null }>();
  for (const job of jobs?.items ?? []) {
    const known = types.get(job.type) ?? { count: 0, oldest: job.creationTime };
    types.set(job.type, { ...known, count: known.count + 1 });
  }
  return (
    <Panel title="Open jobs by type" count={types.size ? plural(types.size, "type") : undefined}>
      {jobs && types.size === 0 && <Empty>Every job is done.</Empty>}
      {types.size > 0 && (
        <Table
          label="Open jobs"
          rows={[...types]}
          keyOf={([type]) => type}
          columns={[
            { title: "Type", kind: "wide", show: ([type, { oldest }]) => (<><Line text={type} most={60} />{isStarved(type, oldest) && <small class="wrong"> nobody has done one in the last {STARVED / 60_000} minutes</small>}</>) },
            { title: "Open", kind: "number", show: ([, { count }]) => number(count) },
            { title: "Oldest since", show: ([, { oldest }]) => <Time at={oldest} /> },
          ]}
        />
      )}
      {jobs && jobs.page.totalItems > jobs.items.length && <p class="below faint">Of the {number(JOBS_LOOK)} oldest of {total(jobs.page)} jobs.</p>}
    </Panel>
  );
}

// How the engine does: its stages, its disk, what follows its log.

import { below, bytes, countOf, look, since, type Figures } from "../figures";
import { useLoad } from "../load";
import { cut, duration, number, plain, plural } from "../text";
import { Facts, Panel, Trouble } from "../parts/basics";
import { Table } from "../parts/table";

/** How often it is looked, ms: a core says something new every second. */
const EVERY = 2000;
/** Less than this is free: the disk is nearly full. */
const NEARLY_FULL = 0.1;
/** What time brings about is late when it is so late, and searches are behind when they are so far behind, ms. */
const LATE = 2000;

const STAGES: [string, string][] = [
  ["request_parsed", "Request read"],
  ["mailbox_wait", "Way to another core"],
  ["processing", "Command processed"],
  ["append", "Put to the log"],
  ["flush", "Log written and flushed"],
  ["commit", "Put to committed"],
  ["response_written", "Committed to answered"],
  ["job_created_to_pushed", "Job made to handed over"],
  ["instance_created_to_completed", "Instance, whole (a sample)"],
];

const FILES: Record<string, string> = { log: "Log", state: "State", search: "Search", copiedLog: "Log kept for exporters", documents: "Documents" };

export function Engine() {
  const { data, error } = useLoad(look, ["figures"], EVERY);
  if (error && !data) return <Panel title="Engine"><Trouble problem={error} /></Panel>;
  if (!data) return null;
  return (
    <div class="engine">
      <Stages now={data} />
      <Panel title="Disk and what follows the log">
        <div class="inset">
          <Disk now={data} />
          <ul class="plainly">
            {standing(data).map(([text, isWell]) => (
              <li class={isWell ? "" : "wrong"}>{text}</li>
            ))}
          </ul>
        </div>
      </Panel>
    </div>
  );
}

function Stages({ now }: { now: Figures }) {
  const { seconds, counter, stage } = since(now);
  const rate = (count: number) => (seconds ? number(count / seconds < 10 ? Math.round((10 * count) / seconds) / 10 : Math.round(count / seconds)) : number(count));
  const unit = seconds ? "a second" : "in all";
  const rows = STAGES.map(([name, title]) => ({ name, title, counts: stage(name) }));
  return (
    <Panel title="Engine" count={seconds ? `of the last ${duration(seconds * 1000)}` : "since the start"}>
      <p class="below faint">
        {rate(counter("commands"))} commands, {rate(counter("jobs"))} jobs handed over, {rate(counter("flushes"))} flushes, {seconds ? bytes(counter("writtenBytes") / seconds) : bytes(counter("writtenBytes"))} written {unit}
        {counter("refusals") > 0 && <b class="failed">, {rate(counter("refusals"))} requests turned away {unit}</b>}
      </p>
      <Table
        label="Stages"
        rows={rows}
        keyOf={(row) => row.name}
        columns={[
          { title: "Stage", kind: "wide", show: (row) => row.title },
          { title: unit === "in all" ? "In all" : "A second", kind: "number", show: (row) => rate(countOf(row.counts)) },
          { title: "Half within", kind: "number", show: (row) => (countOf(row.counts) ? below(row.counts, 0.5, now.boundsUs) : <span class="faint">–</span>) },
          { title: "99 % within", kind: "number", show: (row) => (countOf(row.counts) ? below(row.counts, 0.99, now.boundsUs) : <span class="faint">–</span>) },
        ]}
      />
    </Panel>
  );
}

function Disk({ now: { disk } }: { now: Figures }) {
  const { freeBytes: free, allBytes: all, files } = disk;
  const held = Object.values(files).reduce((sum, one) => sum + one, 0);
  const isKnown = free !== null && all !== null && all > 0;
  return (
    <>
      {isKnown && (
        <p class="progress">
          <svg class="bar-of" viewBox="0 0 100 6" preserveAspectRatio="none" width="100" height="6" aria-hidden="true">
            <rect class="of-none" x="0" y="0" height="6" width="100" />
            <rect class={free / all < NEARLY_FULL ? "of-failed" : "of-all"} x="0" y="0" height="6" width={(100 * (all - free)) / all} />
          </svg>{" "}
          <b class={free / all < NEARLY_FULL ? "failed" : ""}>{bytes(free)} free</b> <span class="faint">of {bytes(all)}</span>
        </p>
      )}
      <Facts of={[["Ringbolt", bytes(held)], ...Object.entries(files).filter(([, size]) => size > 0).map(([name, size]): [string, string] => [FILES[name] ?? plain(name), bytes(size)])]} />
    </>
  );
}

/** How things stand, in words, and whether that is well. */
function standing(now: Figures): [string, boolean][] {
  const out: [string, boolean][] = [];
  const say = (text: string, isWell: boolean) => out.push([text, isWell]);
  if (now.coresSilent) say(`${plural(now.coresSilent, "core")} said nothing for 5 s.`, false);
  for (const one of now.partitions) {
    const name = `Partition ${one.partitionId}`;
    if (one.isStopped) say(`${name} has stopped. The server's log says why.`, false);
    if (one.isCheckpointDelayed) say(`${name} has no space for a checkpoint: new work is refused until it has.`, false);
    if (one.bannedInstances) say(`${name} has ${plural(one.bannedInstances, "banned instance")}, which can only be canceled.`, false);
    if (one.dueAgeMs > LATE) say(`${name} is late: a timer or a deadline is ${duration(one.dueAgeMs)} overdue.`, false);
  }
  const stored = now.partitions.flatMap((one) => (one.storage ? [one.storage] : []));
  if (!stored.length) say("Nothing is kept for searches.", true);
  else follow("Searches", stored, Math.max(...stored.map((one) => one.lagMs)), say);
  for (const name of new Set(now.partitions.flatMap((one) => one.exporters.map((exporter) => exporter.name)))) {
    const parts = now.partitions.flatMap((one) => one.exporters.filter((exporter) => exporter.name === name));
    follow(`Exporter ${plain(cut(name, 40))}`, parts, 0, say, now.isExportingPaused);
  }
  return out;
}

function follow(name: string, parts: Figures["partitions"][number]["exporters"][number][] | NonNullable<Figures["partitions"][number]["storage"]>[], lagMs: number, say: (text: string, isWell: boolean) => void, isPaused = false) {
  const behind = parts.reduce((sum, one) => sum + one.behind, 0);
  const held = parts.reduce((sum, one) => sum + one.heldBytes, 0);
  const far = behind ? `${plural(behind, "record")} behind${lagMs >= 1 ? `, ${duration(lagMs)}` : ""}${held ? `; ${bytes(held)} of the log are kept for it` : ""}` : "up to date";
  if (parts.some((one) => !one.isWell)) say(`${name}: does not get on, ${far}. The server's log says why.`, false);
  else if (isPaused) say(`${name}: rests, as it was told; ${far}.`, false);
  else say(`${name}: ${far}.`, lagMs < LATE);
}

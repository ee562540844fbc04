// How long a list of very many instances takes: the request that a page makes, and a page until its rows are shown.
// usage: node measure_list.mjs BASE [ROUNDS]; `perf/million.sh` says how a server gets a million of them. At least 1,000,000 unless RINGBOLT_ROWS says otherwise
import { launch, open } from "./browser.mjs";
import { api } from "./seed.mjs";

const [base, rounds = "40"] = process.argv.slice(2);
const server = api(base);
const LEAST = Number(process.env.RINGBOLT_ROWS ?? 1_000_000);
const search = (body) => server.post("/v2/process-instances/search", body);
const sort = [{ field: "startDate", order: "DESC" }];
/** How many there are, by their days of beginning or all at once: a search counts so far only. */
const [newest] = (await search({ sort, page: { limit: 1 } })).items;
const [oldest] = (await search({ sort: [{ field: "startDate", order: "ASC" }], page: { limit: 1 } })).items;
const { items: kinds } = await server.post("/v2/process-definitions/statistics/process-instances", { page: { limit: 100 } });
const running = kinds.reduce((sum, row) => sum + row.activeInstancesWithIncidentCount + row.activeInstancesWithoutIncidentCount, 0);
console.log(`${running} instances run, begun from ${oldest.startDate} to ${newest.startDate}`);
if (running < LEAST) throw new Error(`a list of ${LEAST} was to be measured`);
const process_ = newest.processDefinitionId;
const middle = new Date((Date.parse(oldest.startDate) + Date.parse(newest.startDate)) / 2).toISOString();
// To the millisecond: all may have begun within a minute.
const time = middle.slice(0, -1);
const { page: { endCursor } } = await search({ filter: { startDate: { $lt: middle } }, sort, page: { limit: 50 } });
const lists = {
  "all, newest first": "",
  "all, oldest first": "?sort=oldest",
  running: "?state=running",
  "with incidents (none)": "?state=incident",
  "of one process": `?process=${process_}&state=running`,
  "that stand at an element": `?process=${process_}&state=running&element=${process.env.RINGBOLT_ELEMENT ?? "task"}`,
  "begun before a time in the middle": `?until=${time}`,
  "a page in the middle, by its cursor": `?until=${time}&after=${endCursor}`,
  "of a business id (none)": "?business=nobody",
  "all, last ended first": "?sort=ended",
  "of one process, last ended first": `?process=${process_}&sort=ended`,
  "of one process that run, last ended first": `?process=${process_}&state=running&sort=ended`,
  "of one process with incidents (none), last ended first": `?process=${process_}&state=incident&sort=ended`,
  "that stand at an element, last ended first": `?process=${process_}&state=running&element=${process.env.RINGBOLT_ELEMENT ?? "task"}&sort=ended`,
  "of one process, begun before a time, last ended first": `?process=${process_}&until=${time}&sort=ended`,
  "of one process with incidents (none)": `?process=${process_}&state=incident`,
  "suspended (none)": "?state=suspended",
  "completed (none)": "?state=completed",
  "canceled (none), oldest first": "?state=canceled&sort=oldest",
  "of one process, by the begin of a business id (none)": `?process=${process_}&business=zz*`,
  "with retries left (none)": "?retries=yes",
};
const browser = await launch();
const { page, errors } = await open(browser, base, { timezoneId: "UTC" });
const taken = Object.fromEntries(Object.keys(lists).map((name) => [name, { asked: [], shown: [] }]));
for (let round = 0; round < Number(rounds); round++) {
  for (const [name, query] of Object.entries(lists)) {
    const asks = page.waitForResponse((answer) => answer.url().endsWith("/v2/process-instances/search"));
    const started = performance.now();
    await page.goto(`${base}/instances${query}`, { waitUntil: "commit" });
    const request = (await asks).request();
    await page.locator("tbody tr, .empty").first().waitFor({ state: "attached" });
    const shown = performance.now() - started;
    // The first round fills caches.
    if (!round) continue;
    const { requestStart, responseEnd } = request.timing();
    taken[name].asked.push((responseEnd > 0 ? responseEnd : 0) - requestStart);
    taken[name].shown.push(shown);
  }
}
await browser.close();
const of = (values, share) => {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)]);
};
const line = (name, { asked, shown }) => console.log(`| ${name} | ${of(asked, 0.5)} | ${of(asked, 0.99)} | ${of(shown, 0.5)} | ${of(shown, 0.99)} |`);
console.log(`| list, ms, ${taken[Object.keys(lists)[0]].asked.length} times each | request: median | p99 | rows shown: median | p99 |\n|---|---|---|---|---|`);
for (const [name, values] of Object.entries(taken)) line(name, values);
line("all of these", { asked: Object.values(taken).flatMap((one) => one.asked), shown: Object.values(taken).flatMap((one) => one.shown) });
if (errors.length) console.log(errors);

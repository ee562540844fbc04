// How long pages take in a browser. usage: node measure.mjs BASE; the server should be a new one
import { launch, open } from "./browser.mjs";
import { element, extend, flow, job, model } from "./models.mjs";
import { api } from "./seed.mjs";

const base = process.argv[2];
/** Times that a token is watched as it moves. */
const MOVES = Number(process.env.RINGBOLT_MOVES ?? 30);
const server = api(base);
const each = `<bpmn:multiInstanceLoopCharacteristics>${extend('<zeebe:loopCharacteristics inputCollection="=items" inputElement="item"/>')}</bpmn:multiInstanceLoopCharacteristics>`;
const many = model("many", "Many", [
  element("startEvent", "begin", "", 160, 120),
  element("serviceTask", "each", "Each", 270, 120, job("each") + each),
  element("endEvent", "end", "", 390, 120),
], [flow("begin", "each"), flow("each", "end")]);
const one = model("one", "One", [
  element("startEvent", "begin", "", 160, 120),
  element("serviceTask", "first", "First", 270, 120, job("first")),
  element("serviceTask", "second", "Second", 410, 120, job("second")),
  element("endEvent", "end", "", 530, 120),
], [flow("begin", "first"), flow("first", "second"), flow("second", "end")]);
await server.deploy({ "many.bpmn": many, "one.bpmn": one });
const large = await server.start("many", { items: Array.from({ length: 10_000 }, (_, at) => at) });
const failing = await server.start("many", { items: Array.from({ length: 400 }, (_, at) => at) });
await server.get(`/v2/process-instances/${large}`);
for (let found = 0; found < 10_000; ) {
  found = (await server.post("/v2/element-instances/search", { filter: { processInstanceKey: large, elementId: "each", type: "SERVICE_TASK" }, page: { limit: 0 } })).page.totalItems;
}
for (let left = 400; left > 0; ) {
  const { jobs } = await server.post("/v2/jobs/activation", { type: "each", worker: "w", timeout: 600_000, maxJobsToActivate: 2000, requestTimeout: -1, fetchVariable: ["item"] });
  for (const job of jobs) {
    if (job.processInstanceKey !== failing) continue;
    await server.post(`/v2/jobs/${job.jobKey}/failure`, { retries: 0, errorMessage: `item ${job.jobKey} is not there` });
    left--;
  }
}
const browser = await launch();
const { page, errors } = await open(browser, base);
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
/** Time from asking for a page until something of it is there, the median of several. */
async function timed(path, what, times = 7) {
  const taken = [];
  for (let at = 0; at < times; at++) {
    const started = performance.now();
    await page.goto(base + path, { waitUntil: "commit" });
    await page.locator(what).first().waitFor({ state: "attached" });
    taken.push(performance.now() - started);
  }
  return Math.round(median(taken));
}
const rows = [
  ["overview, usable", await timed("/", ".figures b")],
  ["instances, rows shown", await timed("/instances", "tbody tr")],
  ["instance with 10,000 element instances: sentence", await timed(`/instances/${large}`, ".sentence")],
  ["the same: tokens on the diagram", await timed(`/instances/${large}`, '[data-element-id="each"].rb-active')],
  ["instance with 400 incidents: sentence", await timed(`/instances/${failing}`, ".sentence.failed")],
  ["the same: incidents on the diagram", await timed(`/instances/${failing}`, '[data-element-id="each"].rb-incident')],
];
/** When a stream of its own is told that an instance changed: what a page is told, at the moment when it is. */
async function told(key) {
  const abort = new AbortController();
  const answer = await fetch(`${base}/live?instances=${key}&anything=false`, { signal: abort.signal });
  const reader = answer.body.getReader();
  await reader.read();
  const at = reader.read().then(() => performance.now());
  return { at, end: () => abort.abort() };
}
const moves = [];
for (let at = 0; at < MOVES; at++) {
  const key = await server.start("one");
  await page.goto(`${base}/instances/${key}`);
  await page.locator('[data-element-id="first"].rb-active').waitFor({ state: "attached" });
  const [job] = await server.jobs("first");
  // That a worker has it is a change too.
  await page.waitForTimeout(500 + 37 * (at % 9));
  const stream = await told(key);
  let asked;
  let answered;
  const counts = (request) => request.url().endsWith("/statistics/element-instances");
  const onAsk = (request) => counts(request) && (asked ??= performance.now());
  const onAnswer = (request) => counts(request) && (answered ??= performance.now());
  page.on("request", onAsk);
  page.on("requestfinished", onAnswer);
  const started = performance.now();
  const drawn = page.waitForFunction(() => document.querySelector('[data-element-id="second"].rb-active')).then(() => performance.now());
  await server.post(`/v2/jobs/${job.jobKey}/completion`);
  const end = await drawn;
  page.off("request", onAsk);
  page.off("requestfinished", onAnswer);
  moves.push({ told: (await Promise.race([stream.at, end])) - started, asked: (asked ?? end) - started, answered: (answered ?? end) - started, drawn: end - started });
  stream.end();
}
const of = (what, share) => {
  const sorted = moves.map((move) => move[what]).sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]);
};
for (const [what, words] of [["told", "told by the stream"], ["asked", "asked for by the page"], ["answered", "answered"], ["drawn", "token moved"]]) {
  rows.push([`completion asked for to ${words}: median`, of(what, 0.5)], [`the same, p90 of ${MOVES}`, of(what, 0.9)], ["the same, the longest", of(what, 1)]);
}
for (const [what, ms] of rows) console.log(`${String(ms).padStart(6)} ms  ${what}`);
console.log(JSON.stringify({ large, failing }));
if (errors.length) console.log(errors);
await browser.close();

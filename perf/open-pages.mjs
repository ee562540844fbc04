// What a hundred open pages cost a server: CPU time with and without them, while instances run elsewhere.
// usage: node perf/open-pages.mjs BASE PID [SECONDS]      BASE as http://127.0.0.1:8080, PID of the server; run `ringbolt bench --rate 100` beside it
// A page is its stream of changes, and what an instance's page asks for every 18 s while nothing moves.
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";

const [base, pid, seconds = "20"] = process.argv.slice(2);
const PAGES = 100;
const QUIET_MS = 18_000;
// Addresses of loopback: one has 32 streams at most.
const from = (at) => `127.0.0.${2 + Math.floor(at / 25)}`;
const agents = new Map();
const ask = (at, method, path, body, onData) =>
  new Promise((then, fail) => {
    const agent = agents.get(from(at)) ?? new Agent({ keepAlive: true, localAddress: from(at) });
    agents.set(from(at), agent);
    const text = body && JSON.stringify(body);
    const headers = text ? { "content-type": "application/json", "content-length": Buffer.byteLength(text) } : {};
    const sent = request(new URL(path, base), { method, headers, agent }, (answer) => {
      let got = "";
      answer.on("data", (data) => (onData ? onData(String(data)) : (got += data)));
      if (onData) then(() => sent.destroy());
      answer.on("end", () => (answer.statusCode < 300 ? then(got ? JSON.parse(got) : undefined) : fail(new Error(`${path}: ${answer.statusCode} ${got}`))));
    });
    sent.on("error", fail);
    sent.end(text);
  });
const ticks = () => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return Number(fields[11]) + Number(fields[12]);
};
const rest = (ms) => new Promise((then) => setTimeout(then, ms));
/** Hundredths of a second are ticks: percent of a core. */
async function cost(what) {
  const [begun, at] = [ticks(), Date.now()];
  await rest(Number(seconds) * 1000);
  const percent = ((ticks() - begun) * 1000) / (Date.now() - at);
  console.log(`${what}: ${percent.toFixed(1)} % of a core`);
  return percent;
}

const keys = [];
for (let at = 0; at < PAGES; at++) {
  const { processInstanceKey } = await ask(at, "POST", "/v2/process-instances", { processDefinitionId: process.env.PROCESS ?? "waits", variables: {} });
  keys.push(processInstanceKey);
}
await rest(1000);
const without = await cost("without pages");
let events = 0;
const streams = [];
for (let at = 0; at < PAGES; at++) {
  streams.push(await ask(at, "GET", `/live?instances=${keys[at]}&anything=false`, undefined, (data) => (events += data.split("event: changed").length - 1)));
}
const search = (at, what, filter) => ask(at, "POST", `/v2/${what}/search`, { filter, page: { limit: 50 } });
const looks = (at) => {
  const mine = { processInstanceKey: keys[at] };
  return Promise.all([
    ask(at, "GET", `/v2/process-instances/${keys[at]}`),
    ask(at, "GET", `/v2/process-instances/${keys[at]}/statistics/element-instances`),
    ask(at, "GET", `/v2/process-instances/${keys[at]}/sequence-flows`),
    ...["element-instances", "jobs", "user-tasks", "message-subscriptions", "variables"].map((what) => search(at, what, mine)),
    search(at, `process-instances/${keys[at]}/incidents`, {}),
    search(at, "process-instances", { parentProcessInstanceKey: keys[at] }),
  ]);
};
const timers = keys.map((_, at) => setTimeout(() => {
  void looks(at);
  timers.push(setInterval(() => void looks(at), QUIET_MS));
}, (at * QUIET_MS) / PAGES));
const withPages = await cost(`with ${PAGES} pages`);
console.log(`the pages: ${(withPages - without).toFixed(1)} % of a core, ${events} events`);
timers.forEach(clearTimeout);
streams.forEach((end) => end());
process.exit(0);

// Fills a server with what the pages are tried with.
import * as models from "./models.mjs";

/** Calls of the REST API of one server. Every read waits for the writes before it. */
export function api(base) {
  const positions = new Map();
  const call = async (method, path, body) => {
    const headers = { "content-type": "application/json" };
    if (positions.size) headers["ringbolt-position"] = [...positions].map(([partition, position]) => `${partition}-${position}`).join(",");
    const isForm = body instanceof FormData;
    if (isForm) delete headers["content-type"];
    const answer = await fetch(base + path, { method, headers, body: body === undefined ? undefined : isForm ? body : JSON.stringify(body) });
    const position = answer.headers.get("ringbolt-position");
    if (position) positions.set(...position.split("-"));
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 400)}`);
    return text ? JSON.parse(text) : undefined;
  };
  return {
    get: (path) => call("GET", path),
    post: (path, body = {}) => call("POST", path, body),
    call,
    deploy(files) {
      const form = new FormData();
      for (const [name, text] of Object.entries(files)) form.append("resources", new Blob([text]), name);
      return call("POST", "/v2/deployments", form);
    },
    /** Starts an instance; once it has a key everybody finds it. */
    async start(id, variables = {}, more = {}) {
      const { processInstanceKey } = await call("POST", "/v2/process-instances", { processDefinitionId: id, variables, ...more });
      await call("GET", `/v2/process-instances/${processInstanceKey}`);
      return processInstanceKey;
    },
    /** Takes jobs of a type. */
    async jobs(type, most = 100) {
      const all = [];
      // A poll may bring those of one partition.
      for (let more = []; ; all.push(...more)) {
        more = (await call("POST", "/v2/jobs/activation", { type, worker: "seed", timeout: 60_000, maxJobsToActivate: most, requestTimeout: 300 })).jobs;
        if (!more.length) return all;
      }
    },
  };
}

/** Deploys everything and starts instances in every state that there is. */
export async function seed(base) {
  const server = api(base);
  await server.deploy({
    "order.bpmn": models.order(), "delivery.bpmn": models.delivery(), "invoice.bpmn": models.invoice(), "undrawn.bpmn": models.undrawn(),
    "hostile.bpmn": models.hostile("hostile", "<h1>Hostile</h1> & \u202Eedoc"), "approval.form": models.approvalForm, "pricing.dmn": models.discountDecisions,
  });
  const order = (n, amount, more = {}) => server.start("order", { orderId: `order-${n}`, amount, items: ["bolt", "ring", "rope"].slice(0, 1 + (n % 3)), customer: { name: "Ada", city: "Kiel" }, ...more }, { businessId: `ORD-${1000 + n}` });
  const keys = {};
  keys.stock = await order(1, 120);
  keys.approve = await order(2, 2400);
  keys.pay = await order(3, 90);
  keys.packing = await order(4, 80);
  keys.deliver = await order(5, 70);
  keys.failed = await order(6, 60);
  keys.closed = await order(7, 50);
  const complete = async (type, is, variables = {}) => {
    for (const job of await server.jobs(type)) {
      if (is(job)) await server.post(`/v2/jobs/${job.jobKey}/completion`, { variables });
      else await server.post(`/v2/jobs/${job.jobKey}/failure`, { retries: job.retries, retryBackOff: 0, errorMessage: "put back" });
    }
  };
  for (const job of await server.jobs("check-stock")) {
    if (job.processInstanceKey === keys.stock) await server.post(`/v2/jobs/${job.jobKey}/failure`, { retries: 2, retryBackOff: 0, errorMessage: "the warehouse did not answer" });
    else if (job.processInstanceKey === keys.failed) await server.post(`/v2/jobs/${job.jobKey}/failure`, { retries: 0, errorMessage: "Warehouse 'north' answered 503 Service Unavailable\n  at fetchStock (stock.js:41)\n  at handle (worker.js:12)" });
    else await server.post(`/v2/jobs/${job.jobKey}/completion`, { variables: { inStock: true } });
  }
  for (const n of [4, 5]) await server.post("/v2/messages/publication", { name: "payment-received", correlationKey: `order-${n}`, timeToLive: 60_000, variables: { paidAt: "2026-11-28" } });
  await complete("pack-item", (job) => job.processInstanceKey === keys.deliver);
  await server.post(`/v2/process-instances/${keys.closed}/cancellation`);
  keys.invoice = await server.start("invoice", { customer: "Grace" });
  keys.review = await server.start("invoice", { net: 100 });
  keys.undrawn = await server.start("undrawn");
  keys.hostile = await server.start("hostile", { "<script>alert(2)</script>": "<img src=x onerror=alert(3)>", rtl: "\u202Eevil\u0000\u0007\u001b[31m", long: "x".repeat(3_900_000), nested: { a: [1, { b: "</script><script>alert(4)</script>" }] } });
  for (const job of await server.jobs("_b_hostile__b_")) await server.post(`/v2/jobs/${job.jobKey}/failure`, { retries: 0, errorMessage: `<script>alert(5)</script>\u202E ${"long ".repeat(2000)}` });
  return keys;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  console.log(JSON.stringify(await seed(process.argv[2] ?? "http://127.0.0.1:8080"), null, 2));
}

// Pictures of every page, light and dark, wide and as on a phone. usage: node shots.mjs BASE FOLDER [NAME...]
// With RINGBOLT_SHOTS=docs they are small ones, of a window and not of the whole page, for the documentation.
import { mkdirSync, writeFileSync } from "node:fs";
import { launch, open } from "./browser.mjs";
import { api } from "./seed.mjs";

const [base, folder, ...only] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const isDocs = process.env.RINGBOLT_SHOTS === "docs";
const server = api(base);
const first = async (what, filter = {}) => (await server.post(`/v2/${what}/search`, { filter, page: { limit: 1 } })).items[0];
const instance = async (id, more = {}) => (await first("process-instances", { processDefinitionId: id, ...more }))?.processInstanceKey;
const failed = (await first("incidents", { processDefinitionId: "order" })).processInstanceKey;
const task = await first("user-tasks", { elementId: "approve" });
/** A batch operation in which something could not be done: one of its instances runs. */
async function batch() {
  const found = (await server.post("/v2/batch-operations/search", { page: { limit: 1 } })).items[0];
  if (found) return found.batchOperationKey;
  const ended = [];
  for (let at = 0; at < 14; at++) ended.push(await server.start("delivery"));
  for (const key of ended) await server.post(`/v2/process-instances/${key}/cancellation`);
  const runs = await server.start("delivery");
  await server.get(`/v2/process-instances/${runs}`);
  const { batchOperationKey } = await server.post("/v2/process-instances/deletion", { filter: { processInstanceKey: { $in: [...ended.slice(3), runs] } } });
  await server.post("/v2/process-instances/incident-resolution", { filter: { processDefinitionId: "invoice" } });
  await new Promise((then) => setTimeout(then, 1000));
  return batchOperationKey;
}
const pages = {
  overview: "/",
  instances: "/instances",
  "instances-filters": `/instances?state=running&process=order&variables=${encodeURIComponent('amount=60\ncustomer={"name":"Ada","city":"Kiel"}')}`,
  "instances-empty": "/instances?business=nobody",
  "instance-failed": `/instances/${failed}`,
  "instance-packing": `/instances/${(await first("element-instances", { elementId: "pack_item", state: "ACTIVE" })).processInstanceKey}`,
  "instance-hostile": `/instances/${await instance("hostile")}`,
  "instance-undrawn": `/instances/${await instance("undrawn")}`,
  "instance-gone": "/instances/1",
  tasks: "/tasks",
  task: `/tasks/${task.userTaskKey}`,
  "task-plain": `/tasks/${(await first("user-tasks", { elementId: "review" })).userTaskKey}`,
  definitions: "/definitions",
  definition: `/definitions/${(await first("process-definitions", { processDefinitionId: "order" })).processDefinitionKey}`,
  decisions: "/decisions",
  decision: `/decisions/${(await first("decision-definitions", { decisionDefinitionId: "discount" })).decisionDefinitionKey}`,
  "decision-instance": `/decision-instances/${(await first("decision-instances", { decisionDefinitionId: "discount" })).decisionEvaluationInstanceKey}`,
  messages: "/messages",
  batches: "/batches",
  batch: `/batches/${await batch()}`,
  playground: "/playground",
  swagger: "/swagger/",
};
/** The whole page; for the documentation what a window shows of it. */
async function take(page, name) {
  if (!isDocs) return page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
  const browser = await page.context().newCDPSession(page);
  const { data } = await browser.send("Page.captureScreenshot", { format: "webp", quality: 55 });
  writeFileSync(`${folder}/${name}.webp`, Buffer.from(data, "base64"));
}

const browser = await launch();
for (const colorScheme of ["light", "dark"]) {
  for (const width of isDocs && colorScheme === "dark" ? [1440] : [1440, 390]) {
    const { page, errors, context } = await open(browser, base, { colorScheme, viewport: { width, height: width === 390 ? 844 : 900 } });
    for (const [name, path] of Object.entries(pages)) {
      if (only.length && !only.includes(name)) continue;
      await page.goto(base + path);
      // What is not there is looked for again before it is said.
      await page.waitForTimeout(name === "instance-gone" ? 2000 : 700);
      if (name === "playground") await page.getByRole("button", { name: "Evaluate" }).click().then(() => page.waitForTimeout(200));
      await take(page, `${name}-${colorScheme}-${width}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) console.log(`${name} ${width}: ${wide} pixels too wide`);
      for (const error of errors.splice(0)) if (!/404/.test(error)) console.log(`${name}: ${error}`);
    }
    await context.close();
  }
}
await browser.close();

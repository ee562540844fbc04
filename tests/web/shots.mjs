// Pictures of every page, light and dark, wide and as on a phone. usage: node shots.mjs BASE FOLDER [NAME...]
import { mkdirSync } from "node:fs";
import { launch, open } from "./browser.mjs";
import { api } from "./seed.mjs";

const [base, folder, ...only] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const server = api(base);
const first = async (what, filter = {}) => (await server.post(`/v2/${what}/search`, { filter, page: { limit: 1 } })).items[0];
const instance = async (id, more = {}) => (await first("process-instances", { processDefinitionId: id, ...more }))?.processInstanceKey;
const failed = (await first("incidents", { processDefinitionId: "order" })).processInstanceKey;
const task = await first("user-tasks", { elementId: "approve" });
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
  playground: "/playground",
  swagger: "/swagger/",
};
const browser = await launch();
for (const colorScheme of ["light", "dark"]) {
  for (const width of [1440, 390]) {
    const { page, errors, context } = await open(browser, base, { colorScheme, viewport: { width, height: width === 390 ? 844 : 900 } });
    for (const [name, path] of Object.entries(pages)) {
      if (only.length && !only.includes(name)) continue;
      await page.goto(base + path);
      await page.waitForTimeout(700);
      if (name === "playground") await page.getByRole("button", { name: "Evaluate" }).click().then(() => page.waitForTimeout(200));
      await page.screenshot({ path: `${folder}/${name}-${colorScheme}-${width}.png`, fullPage: true });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) console.log(`${name} ${width}: ${wide} pixels too wide`);
      for (const error of errors.splice(0)) if (!/404/.test(error)) console.log(`${name}: ${error}`);
    }
    await context.close();
  }
}
await browser.close();

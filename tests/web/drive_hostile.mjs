// Drives pages with what should not be: hostile texts, old pages, a server that goes and comes.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open } from "./browser.mjs";
import * as models from "./models.mjs";
import { proxyOf } from "./proxy.mjs";
import { api } from "./seed.mjs";

/** A text that would do something if it were anything but a text, and one that would turn others around. */
const EVIL = "<img src=x onerror=alert(30)>{{constructor.constructor('alert(31)')()}}\u202E\u0007\u001b[2J";
const RTL = "\u05E9\u05DC\u05D5\u05DD \u0645\u0631\u062D\u0628\u0627";

/** A server of its own. */
async function serverOf(binary, folder, rest = "127.0.0.1:0") {
  const any = "127.0.0.1:0";
  const child = spawn(binary, ["start", "--data-dir", folder, "--rest", rest, "--grpc", any, "--management", any], { stdio: ["ignore", "pipe", "ignore"] });
  let said = "";
  const url = await new Promise((then, fail) => {
    child.stdout.on("data", (data) => {
      said += data;
      if (/^ {2}data/m.test(said)) then(/^ {2}rest *(http:\S+)\/v2$/m.exec(said)[1]);
    });
    child.on("exit", () => fail(new Error(`the server ended: ${said}`)));
  });
  const end = async () => {
    child.removeAllListeners("exit");
    const over = new Promise((then) => child.once("exit", then));
    child.kill("SIGKILL");
    await over;
  };
  return { url, end };
}

export async function hostile({ test, show, seen, accessible, server, page, errors, keys, base, browser }) {
  /** Nothing of a text became an element, nothing is wider than the window. */
  const harmless = async (what) => {
    assert.equal(await page.evaluate(() => document.querySelectorAll("#app img, #app script, #app iframe").length), 0, what);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${what}: ${wide} pixels too wide`);
  };

  await test("hostile texts are texts on every page, on a phone too", async () => {
    const task = models.model("evil", EVIL.replace(/[\u0000-\u001f]/g, ""), [
      models.element("startEvent", "begin", "", 160, 120),
      models.element("userTask", "task", `${EVIL.replace(/[\u0000-\u001f]/g, "")} ${RTL}`, 270, 120, models.extend("<zeebe:userTask/>")),
      models.element("endEvent", "end", "", 390, 120),
    ], [models.flow("begin", "task"), models.flow("task", "end")]);
    await server.deploy({ "evil<b>.bpmn": task });
    const key = await server.start("evil", { [EVIL]: EVIL, rtl: RTL.repeat(50), many: "m".repeat(200_000) }, { businessId: `${EVIL}${RTL}` });
    await server.post("/v2/messages/publication", { name: EVIL, correlationKey: EVIL, timeToLive: 60_000 });
    const { items: [userTask] } = await server.post("/v2/user-tasks/search", { filter: { processInstanceKey: key } });
    const { items: [definition] } = await server.post("/v2/process-definitions/search", { filter: { processDefinitionId: "evil" } });
    const paths = ["/", "/instances", `/instances/${key}`, "/tasks", `/tasks/${userTask.userTaskKey}`, "/definitions", `/definitions/${definition.processDefinitionKey}`, "/messages", "/batches",
      `/instances?business=${encodeURIComponent(EVIL)}&variables=${encodeURIComponent(`${EVIL}=${EVIL}`)}&process=${encodeURIComponent(EVIL)}`, `/instances/${encodeURIComponent(EVIL)}`];
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 844 });
      for (const path of paths) {
        await show(path);
        await page.waitForFunction(() => !document.querySelector(".loading"));
        await page.waitForTimeout(250);
        await harmless(`${path} at ${width}`);
      }
    }
    await page.setViewportSize({ width: 1440, height: 900 });
    await show(`/instances/${key}`);
    await seen("\\u202e\\u0007\\u001b[2J");
    errors.splice(0, errors.length, ...errors.filter((error) => !/40[04]/.test(error)));
  });

  await test("a text of nearly four mebibytes is cut, and shown whole when asked for", async () => {
    const key = await server.start("undrawn", { huge: `${"<b>ab</b>".repeat(400_000)}` });
    await show(`/instances/${key}`);
    const row = page.getByRole("row", { name: /^huge/ });
    await row.waitFor();
    assert.ok((await row.textContent()).length < 20_000);
    const started = Date.now();
    await row.getByRole("button", { name: "more" }).click();
    await page.waitForFunction(() => [...document.querySelectorAll(".json bdi")].some((one) => one.textContent.length > 60_000));
    assert.ok(Date.now() - started < 5000);
    await harmless("a long text");
  });

  await test("a model without a diagram has a list on its definition too", async () => {
    const { items: [one] } = await server.post("/v2/process-definitions/search", { filter: { processDefinitionId: "undrawn" } });
    await show(`/definitions/${one.processDefinitionKey}`);
    await seen("The model has no diagram");
    const list = await page.locator(".undrawn").textContent();
    assert.ok(list.includes("\\u202ehere") && !list.includes("\u202e"), list.slice(0, 200));
    const { wide, room } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, room: innerWidth }));
    assert.ok(wide <= room, `${wide} of ${room} pixels`);
    await accessible("a definition without a diagram");
  });

  await test("a page of an older version says that there is another one, also when its files are gone", async () => {
    const old = await open(browser, base);
    await old.page.clock.install();
    await old.page.goto(`${base}/instances?process=order`);
    await old.page.locator("tbody tr").first().waitFor();
    await old.page.route("**/assets/build.json", (route) => route.fulfill({ json: { build: "another" } }));
    await old.page.clock.fastForward(16_000);
    await old.page.getByText("The server has other pages by now.").waitFor();
    await old.page.unrouteAll();
    await old.page.getByRole("button", { name: "Reload" }).click();
    await old.page.locator("tbody tr").first().waitFor();
    assert.equal(await old.page.locator(".banner").count(), 0);
    // What draws diagrams had another name before: it is not there any more, which is said at once.
    await old.page.route("**/assets/diagram-*.js", (route) => route.fulfill({ status: 404 }));
    await old.page.route("**/assets/build.json", (route) => route.fulfill({ json: { build: "another" } }));
    await old.page.getByRole("link", { name: keys.packing }).click();
    await old.page.getByText("The server has other pages by now.").waitFor({ timeout: 4000 });
    await old.page.getByText("The diagram cannot be drawn").waitFor();
    await old.context.close();
  });

  await test("behind a proxy with a path of its own batch operations are found", async () => {
    const proxy = await proxyOf(base, "/engine");
    await page.goto(`${proxy.url}/batches`);
    await page.locator("tbody tr a").first().click();
    await page.waitForURL(`${proxy.url}/batches/**`);
    await page.reload();
    await page.getByRole("heading", { level: 1 }).waitFor();
    await show("/");
    await proxy.away();
    // A page that is open goes on asking until it is left: what it asked counts only then.
    errors.splice(0, errors.length, ...errors.filter((error) => !error.startsWith(`asked ${proxy.url}`)));
  });

  const binary = process.env.RINGBOLT_BINARY;
  if (!binary) return console.log("left out: a server that is killed while a page is open (RINGBOLT_BINARY says which)");
  await test("a server that is killed and started again goes on moving tokens on an open page", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ringbolt-pages-"));
    let own = await serverOf(binary, folder);
    const place = new URL(own.url).host;
    const there = await open(browser, own.url);
    try {
      const its = api(own.url);
      await its.deploy({ "delivery.bpmn": models.delivery() });
      const key = await its.start("delivery");
      await there.page.goto(`${own.url}/instances/${key}`);
      await there.page.locator('[data-element-id="ship"].rb-active').waitFor();
      await own.end();
      await there.page.getByText("The server does not answer.").waitFor({ timeout: 8000 });
      assert.match(await there.page.locator(".sentence > p").first().textContent(), /^Waits at “Ship parcel”/);
      own = await serverOf(binary, folder, place);
      await there.page.locator(".banner").waitFor({ state: "detached", timeout: 10_000 });
      const after = api(own.url);
      for (const job of await after.jobs("ship-parcel")) await after.post(`/v2/jobs/${job.jobKey}/completion`);
      await there.page.waitForFunction(() => document.querySelector(".sentence p")?.textContent.startsWith("Completed after"), undefined, { timeout: 10_000 });
    } finally {
      await there.context.close();
      await own.end();
      rmSync(folder, { recursive: true });
    }
  });
}

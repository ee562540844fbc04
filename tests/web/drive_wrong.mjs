// Drives what goes wrong: addresses of nothing, keys that are none, servers that are away or not themselves, failures that are many.
import assert from "node:assert/strict";
import * as models from "./models.mjs";

/** A user task at whose edge a message is waited for. */
const asked = models.model("asked", "Asked", [
  models.element("startEvent", "begin", "", 160, 120),
  models.element("userTask", "ask", "Ask them", 270, 120, models.extend("<zeebe:userTask/>")),
  models.element("boundaryEvent", "stop", "Stop asking", 290, 160, '<bpmn:messageEventDefinition messageRef="stopped"/>', 'attachedToRef="ask"'),
  models.element("serviceTask", "after", "After it", 400, 240, models.job("after-asked")),
  models.element("endEvent", "end", "", 390, 120),
], [models.flow("begin", "ask"), models.flow("ask", "end"), models.flow("stop", "after")], `<bpmn:message id="stopped" name="stop-asking">${models.extend('<zeebe:subscription correlationKey="=who"/>')}</bpmn:message>`);

/** One job, which fails. */
const counted = models.model("counted", "Counted", [
  models.element("startEvent", "begin", "", 160, 120),
  models.element("serviceTask", "count", "Count", 270, 120, models.job("count-it")),
  models.element("endEvent", "end", "", 390, 120),
], [models.flow("begin", "count"), models.flow("count", "end")]);

export async function wrong({ test, show, seen, button, accessible, server, page, errors, keys, base, browser }) {
  const without = (kind) => errors.splice(0, errors.length, ...errors.filter((error) => !kind.test(error)));
  const heading = (text) => page.getByRole("heading", { level: 1, name: text }).waitFor({ timeout: 5000 });
  const retries = () => page.locator("main").getByRole("button", { name: "Try again" }).count();

  await test("an address of nothing is a page that says so and leads on", async () => {
    for (const path of ["/nonsense", "/instances/1/2", "/a/b/c/"]) {
      const answer = await show(path);
      assert.equal(answer.status(), 404);
      await heading("No such page");
      await page.locator("main").getByRole("link", { name: "Instances", exact: true }).click();
      await page.waitForURL(`${base}/instances`);
      await page.locator("tbody tr").first().waitFor();
    }
    await accessible("no such page");
    // Where those of other products look for what failed.
    await show("/incidents");
    await page.locator('[aria-pressed="true"]', { hasText: "ncident" }).first().waitFor();
    without(/404/);
  });

  await test("a key that is none is said to be none, and nobody asks for it", async () => {
    for (const [path, what] of [["/instances/abc", "instance"], ["/instances/99999999999999999999", "instance"], ["/definitions/-1", "definition"], ["/decisions/0", "decision"], ["/decision-instances/a-1", "evaluated decision"], ["/batches/1e3", "batch operation"]]) {
      await show(path);
      await heading(`No such ${what}`);
      await seen("keys are numbers");
      assert.equal(await retries(), 0, path);
    }
    await show("/tasks/abc");
    await seen("There is no task abc.");
    assert.deepEqual(errors, [], "the server was asked for none of them");
    // Keys that might be.
    for (const [path, what] of [["/definitions/7", "definition"], ["/decisions/7", "decision"], ["/decision-instances/7-1", "evaluated decision"], ["/batches/7", "batch operation"]]) {
      await show(path);
      await heading(`No such ${what}`);
      assert.equal(await retries(), 0, path);
    }
    without(/404/);
  });

  await test("what is asked of a server that is away is not said to be repeated", async () => {
    await show(`/instances/${keys.stock}`);
    await button("Suspend").click();
    await page.route("**/suspension", (route) => route.abort());
    await button("Suspend it").click();
    await page.locator("dialog .trouble").waitFor();
    assert.match(await page.locator("dialog .trouble").textContent(), /does not answer\. This was not repeated/);
    await page.unrouteAll();
    await button("Leave it").click();
    without(/ERR_FAILED/);
  });

  await test("a page of a proxy in the server's place is one sentence", async () => {
    for (const status of [503, 200]) {
      await page.route("**/v2/process-instances/search", (route) => route.fulfill({ status, contentType: "text/html", body: `<!doctype html><html><head><style>body{}</style></head><body>${"<p>Sorry</p>".repeat(200)}</body></html>` }));
      await show("/instances");
      await page.locator(".trouble").first().waitFor();
      const said = await page.locator(".trouble p").first().textContent();
      assert.match(said, new RegExp(`^Something between this page and the server answered in its place \\(${status}.*\\): a proxy, perhaps\\.$`));
      await button("Try again").waitFor();
      await page.unrouteAll();
    }
    without(/503/);
  });

  await test("what needs a diagram is said to be missing where there is none", async () => {
    const key = await server.start("undrawn");
    await show(`/instances/${key}`);
    await seen("The model has no diagram: without one nothing can be modified, migrated or replayed here, but over the REST API.");
    assert.equal(await button("Modify").count(), 0);
    await server.post(`/v2/process-instances/${key}/cancellation`);
    await seen("The model has no diagram: without one there is no replay.");
  });

  await test("an event at an edge says at whose", async () => {
    await server.deploy({ "asked.bpmn": asked });
    const key = await server.start("asked", { who: "ada" });
    await show(`/instances/${key}`);
    await page.locator(".more-of-it", { hasText: "The event “Stop asking” at the edge of “Ask them” waits for the message “stop-asking” with the correlation key “ada”." }).waitFor();
    await page.getByRole("tab", { name: /^Messages 1/ }).click();
    await page.locator(".details tbody tr", { hasText: /^Stop asking at the edge of “Ask them”stop-asking/ }).waitFor();
    await server.post("/v2/messages/publication", { name: "stop-asking", correlationKey: "ada", timeToLive: 0 });
    await page.getByRole("treeitem", { name: /Stop asking boundary event at the edge of “Ask them”/ }).waitFor();
  });

  await test("failures that differ in numbers alone are one line, which leads to all of them", async () => {
    await server.deploy({ "counted.bpmn": counted });
    for (let at = 0; at < 30; at++) await server.start("counted");
    for (const job of await server.jobs("count-it")) await server.post(`/v2/jobs/${job.jobKey}/failure`, { retries: 0, errorMessage: `Order ${job.jobKey} (of 30) is *not* there` });
    await show("/");
    const errors = page.getByRole("region", { name: "Incidents by error" });
    const line = errors.locator("li", { hasText: "Order … (of …) is *not* there" });
    await line.waitFor();
    await errors.locator("li", { hasText: /^30 Order … \(of …\)/ }).waitFor();
    assert.equal(await errors.locator("li", { hasText: "Order" }).count(), 1);
    const newest = page.getByRole("region", { name: "Newest incidents" });
    await newest.locator("li", { hasText: /count 30 times Order … \(of …\)/ }).waitFor();
    await line.getByRole("link").click();
    await page.waitForURL("**/instances?state=incident&error=**");
    await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 30);
  });

  await test("who waits for messages fits a phone, and what goes on beyond a box has a shadow", async () => {
    await server.deploy({ "asked.bpmn": asked });
    await server.start("asked", { who: "order-2251799813685250" });
    const { page: phone, context } = await (await import("./browser.mjs")).open(browser, base, { viewport: { width: 390, height: 844 } });
    await phone.goto(`${base}/messages`);
    await phone.locator("tbody tr").first().waitFor();
    const wide = await phone.locator(".scroll").first().evaluate((box) => box.scrollWidth - box.clientWidth);
    assert.ok(wide <= 0, `${wide} pixels too wide`);
    for (const box of [".scroll", ".bar nav"]) {
      const drawn = await phone.locator(box).first().evaluate((one) => getComputedStyle(one).backgroundAttachment);
      assert.match(drawn, /local.*scroll/, box);
    }
    // A long name of an element of a model without a diagram, too.
    await phone.goto(`${base}/instances/${keys.undrawn}`);
    await phone.locator(".undrawn li").first().waitFor();
    const page = await phone.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(page <= 0, `the page is ${page} pixels too wide`);
    await context.close();
  });
}

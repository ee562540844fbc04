// Drives every page of a running server in a real browser. usage: node drive.mjs BASE [FOLDER for pictures of failures]
// RINGBOLT_PAGES=REGEX runs only the tests whose names it matches.
import axe from "axe-core";
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { launch, open } from "./browser.mjs";
import { hostile } from "./drive_hostile.mjs";
import { many } from "./drive_many.mjs";
import { plans } from "./drive_plans.mjs";
import { reading } from "./drive_reading.mjs";
import { wrong } from "./drive_wrong.mjs";
import * as models from "./models.mjs";
import { proxyOf } from "./proxy.mjs";
import { api, seed } from "./seed.mjs";

const [base, pictures = "/tmp/ringbolt-pages"] = process.argv.slice(2);
const server = api(base);
const keys = await seed(base);
const browser = await launch();
const { page, errors } = await open(browser, base);
let passed = 0;
let failed = 0;

/** One test: a failure leaves a picture and the next one goes on. */
async function test(name, run) {
  if (!new RegExp(process.env.RINGBOLT_PAGES ?? "").test(name)) return;
  const started = Date.now();
  try {
    await run();
    assert.deepEqual(errors.splice(0), [], "the browser has nothing to complain of");
    console.log(`ok ${name} (${Date.now() - started} ms)`);
    passed++;
  } catch (error) {
    failed++;
    mkdirSync(pictures, { recursive: true });
    const path = `${pictures}/${name.replace(/\W+/g, "-")}.png`;
    await page.screenshot({ path, fullPage: true }).catch(() => {});
    console.log(`FAIL ${name}\n  ${String(error.message).split("\n").join("\n  ")}\n  at ${page.url()}, picture ${path}`);
    errors.splice(0);
  }
}

const show = (path) => page.goto(base + path);
const seen = (text) => page.getByText(text).first().waitFor({ timeout: 5000 });
const button = (name) => page.getByRole("button", { name, exact: true });
const sentence = () => page.locator(".sentence > p").first().textContent();
const instance = (key) => server.get(`/v2/process-instances/${key}`);

/** Serious findings of axe on the page as it is. */
async function accessible(what) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }));
  const serious = violations.filter((one) => one.impact === "serious" || one.impact === "critical");
  assert.deepEqual(serious.map((one) => `${what}: ${one.id} ${one.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(", ")}`), []);
}

/** What the tests in other files use. */
const context = { test, show, seen, button, sentence, instance, accessible, server, page, errors, keys, base, browser };

await test("overview counts what runs and leads to it", async () => {
  await show("/");
  await seen("with incidents");
  await page.locator(".figure", { hasText: "with incidents" }).click();
  await page.waitForURL("**/instances?state=incident");
  await page.locator("tbody tr").first().waitFor();
  assert.equal(await page.locator("tbody tr").count(), 3);
});

await test("the list filters by state, process, business id and variables, and keeps it in the address", async () => {
  await show("/instances");
  await page.getByLabel(/^Process/).selectOption("order");
  await page.waitForURL("**process=order**");
  await button("Running").click();
  await button("More filters").click();
  await page.getByLabel(/Variables, name=value/).fill("amount=60\norderId=order-6");
  await page.getByLabel("Error message").click();
  await page.waitForURL("**variables=**");
  await page.locator("tbody tr").first().waitFor();
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
  const kept = page.url();
  await page.goto(kept);
  await page.getByRole("link", { name: keys.failed }).click();
  await page.waitForURL(`**/instances/${keys.failed}`);
  await page.goBack();
  assert.equal(page.url(), kept);
  await show("/instances?process=order&business=ORD-10*");
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 7);
  // What they call has their business id.
  const { page: { totalItems } } = await server.post("/v2/process-instances/search", { filter: { processDefinitionId: "delivery", businessId: { $like: "ORD-10*" } } });
  assert.ok(totalItems > 0);
  await show("/instances?business=ORD-10*");
  await page.waitForFunction((count) => document.querySelectorAll("tbody tr").length === count, 7 + totalItems);
});

await test("an instance says first what it waits for", async () => {
  const said = {
    [keys.stock]: /^Waits at “Check stock” for a worker to do its job of the type “check-stock”\. The last attempt, by seed, failed: the warehouse did not answer \(2 retries left\)/,
    [keys.approve]: /^Waits for somebody of sales to take the user task “Approve order”/,
    [keys.pay]: /^Waits at “Payment received” for the message “payment-received” with the correlation key “order-3”/,
    [keys.deliver]: /^Waits at “Deliver” for the instance that it called, Delivery \d+/,
    [keys.failed]: /^Failed at “Check stock”: its job failed and has no retries left: Warehouse 'north' answered 503/,
    [keys.closed]: /^Canceled after /,
    [keys.invoice]: /^Failed at “Compute total”: /,
  };
  for (const [key, wanted] of Object.entries(said)) {
    await show(`/instances/${key}`);
    await page.locator(".sentence").waitFor();
    await page.waitForFunction(() => !/Waits at “[a-z_]+”|Failed at “[a-z_]+”/.test(document.querySelector(".sentence").textContent), undefined, { timeout: 3000 }).catch(() => {});
    assert.match(await sentence(), wanted);
  }
});

await test("timers at the edge of an activity and of an event sub-process are due, in words and as a list", async () => {
  await show(`/instances/${keys.approve}`);
  // A user task first: what comes in between is said after what is waited for.
  await page.locator(".more-of-it", { hasText: /^The timer “Overdue” at the edge of “Approve order” is due in (1 d 23 h|2 d)\.$/ }).waitFor();
  assert.match(await sentence(), /^Waits for somebody of sales/);
  await page.getByRole("tab", { name: /^Timers 1/ }).click();
  await page.locator(".details tbody tr", { hasText: "“Overdue” at the edge of “Approve order”" }).waitFor();
  assert.match(await page.locator(".details tbody tr").textContent(), /is due in (1 d 23 h|2 d)once$/);
  await accessible("timers");
  await server.deploy({ "rescued.bpmn": models.rescued() });
  const key = await server.start("rescued");
  await show(`/instances/${key}`);
  await page.locator(".more-of-it", { hasText: /^The timer “Too late”, which begins “Rescue”, is due in (4 h 59 min|5 h)\.$/ }).waitFor();
  await page.getByRole("tab", { name: /^Timers 1/ }).waitFor();
  await server.post(`/v2/process-instances/${key}/cancellation`);
  await page.getByRole("tab", { name: "Timers", exact: true }).waitFor();
});

await test("the diagram shows tokens, incidents and the path, and picks elements", async () => {
  await show(`/instances/${keys.packing}`);
  await page.locator('[data-element-id="pack_item"].rb-active').waitFor();
  await page.locator('[data-element-id="large_to_pay"].rb-taken').waitFor({ state: "attached" });
  assert.equal(await page.locator('[data-element-id="large_to_approve"].rb-taken').count(), 0);
  assert.ok(await page.locator(".bjs-powered-by").isVisible(), "the library's logo stays");
  await page.locator('[data-element-id="pack_item"] .djs-hit').click();
  await seen("Only of");
  await page.getByRole("tab", { name: /^Jobs/ }).click();
  await page.waitForFunction(() => document.querySelectorAll(".details tbody tr").length === 2);
  await show(`/instances/${keys.failed}`);
  await page.locator('[data-element-id="check_stock"].rb-incident').waitFor();
});

await test("the history unfolds scopes and leads to called instances", async () => {
  await show(`/instances/${keys.packing}`);
  await page.getByRole("treeitem", { name: /Pack item service task/ }).first().waitFor();
  await page.getByRole("treeitem", { name: /Order to delivery/ }).focus();
  for (let at = 0; at < 7; at++) await page.keyboard.press("ArrowDown");
  assert.match(await page.evaluate(() => document.activeElement.textContent), /^Pack itemsone for each/);
  await page.keyboard.press("ArrowLeft");
  assert.equal(await page.getByRole("treeitem", { name: /Pack item service task/ }).count(), 0);
  await page.keyboard.press("ArrowRight");
  await page.getByRole("treeitem", { name: /Pack item service task/ }).first().waitFor();
  await show(`/instances/${keys.deliver}`);
  await page.locator(".tree .called").click();
  await page.getByText("Called by").waitFor();
  assert.match(await page.locator("h1").textContent(), /^Delivery/);
});

await test("a variable is changed and shown as it is stored, and what stopped is tried again", async () => {
  await show(`/instances/${keys.invoice}`);
  await page.getByRole("tab", { name: "Variables" }).click();
  await button("Add a variable").click();
  await page.getByLabel("Name", { exact: true }).fill("net");
  await page.getByLabel("Value, as JSON").fill("100.");
  await seen("This is no JSON");
  assert.ok(await button("Set it").isDisabled());
  await page.getByLabel("Value, as JSON").fill("100.500");
  await button("Set it").click();
  // A number is the shortest text of it, as in Camunda.
  await seen("100.5");
  await button("Try again").first().click();
  await button("Resolve 1 incident").click();
  await page.waitForFunction(() => document.querySelector(".sentence p").textContent.startsWith("Waits for somebody to take the user task “Review invoice”"));
  const { items } = await server.post("/v2/variables/search", { filter: { processInstanceKey: keys.invoice, name: "total" } });
  assert.equal(items[0].value, "119.595");
});

await test("a job gets a retry and its incident goes", async () => {
  await show(`/instances/${keys.failed}`);
  await page.getByRole("tabpanel").getByRole("button", { name: "Try again" }).click();
  await page.waitForFunction(() => document.querySelector(".sentence p").textContent.startsWith("Waits at “Check stock”"));
  assert.equal((await instance(keys.failed)).hasIncident, false);
});

await test("a user task is claimed and completed with its form", async () => {
  await show("/tasks");
  // Typed, and then looked around: the list looks again meanwhile.
  await page.getByLabel("I am").pressSequentially("ada", { delay: 30 });
  await page.waitForTimeout(1500);
  assert.equal(await page.getByLabel("I am").inputValue(), "ada");
  await page.getByRole("link", { name: /Approve order/ }).click();
  await page.waitForURL("**/tasks/**");
  await button("Claim it as ada").click();
  await seen("It is ada's.");
  await button("Complete the task").click();
  await seen("Field is required.");
  await page.getByLabel("Approved").check();
  await page.getByLabel("Comment").fill("fine </script><b>");
  await button("Complete the task").click();
  await page.locator("h2 .state", { hasText: "Completed" }).waitFor();
  const { items } = await server.post("/v2/variables/search", { filter: { processInstanceKey: keys.approve, scopeKey: keys.approve, name: { $in: ["approved", "comment"] } }, sort: [{ field: "name" }] });
  assert.deepEqual(items.map((one) => one.value), ["true", '"fine </script><b>"']);
});

await test("a user task without a form is completed with variables, given and taken back", async () => {
  await show("/tasks");
  await page.getByRole("link", { name: /Review invoice/ }).first().click();
  await page.getByLabel("Give it to").fill("grace");
  await button("Assign").click();
  await seen("It is grace's.");
  await button("Give it back").click();
  await button("Claim it as ada").waitFor();
  await page.getByLabel(/Variables to complete it with/).fill('{"checked": 1.50}');
  await button("Complete the task").click();
  await page.locator("h2 .state", { hasText: "Completed" }).waitFor();
});

await test("files are deployed, refused in words, and an instance is started", async () => {
  await show("/definitions");
  await page.locator('input[type="file"]').setInputFiles({ name: "parcel.bpmn", mimeType: "text/xml", buffer: Buffer.from(models.delivery().replaceAll('"delivery"', '"parcel"').replace('name="Delivery"', 'name="Parcel"')) });
  await seen("1 thing deployed");
  await page.locator('input[type="file"]').setInputFiles({ name: "bad.bpmn", mimeType: "text/xml", buffer: Buffer.from("<definitions>") });
  await page.locator(".drop .trouble").waitFor();
  assert.match(await page.locator(".drop .trouble").textContent(), /bad\.bpmn/);
  // What is dropped goes the same way.
  await page.evaluate((text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], "dropped.bpmn"));
    document.querySelector(".drop").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  }, models.delivery().replaceAll('"delivery"', '"dropped"'));
  await page.getByRole("link", { name: "dropped" }).waitFor();
  errors.splice(0, errors.length, ...errors.filter((error) => !/400/.test(error)));
  await page.getByRole("link", { name: "Parcel", exact: true }).click();
  await button("Start an instance").click();
  await page.getByLabel(/Variables, as a JSON object/).fill('{"weight": 2.0}');
  await page.getByLabel("Business id (optional)").fill("P-1");
  await button("Start it").click();
  await page.waitForURL("**/instances/**");
  await seen("2.0");
});

await test("a process that starts with a form is started with it", async () => {
  await server.deploy({ "request.bpmn": models.request(), "request.form": models.requestForm });
  const { items: [one] } = await server.post("/v2/process-definitions/search", { filter: { processDefinitionId: "request" } });
  await show(`/definitions/${one.processDefinitionKey}`);
  await button("Start an instance").click();
  await page.getByLabel("Topic").waitFor();
  await button("Start it").click();
  await seen("Something in the form is not as it should be.");
  await page.getByLabel("Topic").fill("chairs");
  await button("Start it").click();
  await page.waitForURL("**/instances/**");
  await seen('"chairs"');
});

await test("two versions of a process are compared", async () => {
  const first = models.delivery().replaceAll('"delivery"', '"compared"');
  await server.deploy({ "compared.bpmn": first });
  await server.deploy({ "compared.bpmn": first.replace('name="Ship parcel"', 'name="Send parcel"') });
  const { items: [newest] } = await server.post("/v2/process-definitions/search", { filter: { processDefinitionId: "compared", isLatestVersion: true } });
  await show(`/definitions/${newest.processDefinitionKey}`);
  await page.getByLabel("Version to compare with").selectOption({ label: "v1" });
  const panel = page.getByRole("region", { name: "Compare with" });
  await panel.getByText("changed").first().waitFor();
  assert.deepEqual(await panel.locator(".lines li").allTextContents(), ["changed Send parcel ship"]);
  await panel.locator(".badge", { hasText: "changed" }).waitFor();
});

await test("an instance is moved on the diagram", async () => {
  await show(`/instances/${keys.pay}`);
  await button("Modify").click();
  await page.locator('.modify [data-element-id="pay"] .djs-hit').click();
  await button("Move all 1 from it").click();
  await page.locator('.modify [data-element-id="deliver"] .djs-hit').click();
  await page.locator(".plan li").waitFor();
  assert.match(await page.locator(".plan li").textContent(), /Move all from Payment received to Deliver/);
  await button("Apply 1 change").click();
  await button("Modify it").click();
  await page.waitForFunction(() => document.querySelector(".sentence p")?.textContent.startsWith("Waits at “Deliver”"));
});

await test("what waits for a timer says when it is due", async () => {
  const timer = '<bpmn:timerEventDefinition><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">PT90M</bpmn:timeDuration></bpmn:timerEventDefinition>';
  await server.deploy({ "due.bpmn": models.model("due", "Due", [
    models.element("startEvent", "begin", "", 160, 120),
    models.element("eventBasedGateway", "first", "Which first", 260, 120),
    models.element("intermediateCatchEvent", "later", "Later", 360, 120, timer),
    models.element("intermediateCatchEvent", "called", "Called", 360, 240, '<bpmn:signalEventDefinition signalRef="called_signal"/>'),
    models.element("endEvent", "end", "", 460, 120),
    models.element("endEvent", "called_end", "", 460, 240),
  ], [models.flow("begin", "first"), models.flow("first", "later"), models.flow("first", "called"), models.flow("later", "end"), models.flow("called", "called_end")], '<bpmn:signal id="called_signal" name="called"/>') });
  await show(`/instances/${await server.start("due")}`);
  await page.locator('[data-element-id="first"].rb-active').waitFor();
  const said = await sentence();
  assert.match(said, /^Waits at “Which first” for /);
  assert.match(said, /its timer, due in 1 h 2\d min|its timer, due in 8\d min|its timer, due in 1 h 30 min/);
  assert.match(said, /the signal “called”/);
});

await test("an instance is migrated on the picture", async () => {
  const of = (first, edge) => models.model("moving", "Moving", [
    models.element("startEvent", "begin", "", 160, 120),
    models.element("serviceTask", first, "Work", 280, 120, models.job("work_of_moving")),
    models.element("boundaryEvent", edge, "Late", 300, 160, '<bpmn:timerEventDefinition><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>', `attachedToRef="${first}"`),
    models.element("serviceTask", "other", "Other", 420, 120, models.job("other_of_moving")),
    models.element("endEvent", "end", "", 540, 120),
    models.element("endEvent", "late_end", "", 420, 240),
  ], [models.flow("begin", first), models.flow(first, "other"), models.flow("other", "end"), models.flow(edge, "late_end")]);
  await server.deploy({ "moving.bpmn": of("work", "late") });
  const key = await server.start("moving");
  await server.deploy({ "moving.bpmn": of("renamed", "late_renamed") });
  await show(`/instances/${key}`);
  await button("Migrate").click();
  await page.getByLabel("Definition to migrate to").selectOption({ label: "Moving v2" });
  // The only one of the same name is where it goes, and what stands at its edge with it.
  assert.equal(await page.getByLabel("Where Work goes").inputValue(), "renamed");
  assert.equal(await page.getByLabel("Where Late goes").inputValue(), "late_renamed");
  await page.locator('.diagram:nth-of-type(1) [data-element-id="work"] .djs-hit').first().click();
  await page.locator('[data-element-id="other"] .djs-hit').last().click();
  assert.equal(await page.getByLabel("Where Work goes").inputValue(), "other");
  await page.getByLabel("Where Work goes").selectOption("renamed");
  await accessible("migrate");
  await button("Migrate to Moving v2").click();
  await button("Migrate it").click();
  await page.locator('[data-element-id="renamed"].rb-active').waitFor();
  assert.equal((await instance(key)).processDefinitionVersion, 2);
});

await test("an instance is replayed from its first moment to its last", async () => {
  await show(`/instances/${keys.packing}`);
  await button("Replay").click();
  // Record by record, with the flows, where the log reaches.
  await page.locator(".source", { hasText: /^All is told record by record, from the log\.$/ }).waitFor();
  await page.locator(".moment", { hasText: /is entered\. from the log, position \d+$/ }).waitFor();
  for (let step = 2; step < 40 && !/“Check stock” is entered/.test(await page.locator(".moment").textContent()); step++) {
    await page.getByLabel("Moment").press("ArrowRight");
    await page.locator(".player .count", { hasText: new RegExp(`^${step} of`) }).waitFor();
  }
  await page.locator('.replay [data-element-id="check_stock"].rb-active').waitFor();
  assert.ok(await page.locator(".replay .rb-taken").count(), "the flow to it");
  assert.equal(await page.locator('.replay [data-element-id="order_received"].rb-active').count(), 0);
  assert.equal(await page.locator('.replay [data-element-id="pack_item"].rb-active').count(), 0);
  await page.getByLabel("Moment").press("End");
  await page.locator('.replay [data-element-id="pack_item"].rb-active').waitFor();
  await page.locator('.replay [data-element-id="check_stock"].rb-done').waitFor();
  await button("Back").click();
  await button("Play").click();
  await page.locator('.replay [data-element-id="pack_item"].rb-active').waitFor();
  await button("Back to now").click();
  await page.locator('[data-element-id="large_to_pay"].rb-taken').waitFor({ state: "attached" });
});

await test("a replay says where the log does not reach and the store tells", async () => {
  const log = await server.get(`/past?instance=${keys.packing}`);
  const answered = async (status, body) => {
    await page.unrouteAll();
    await page.route("**/past?*", (route) => route.fulfill({ status, json: body }));
    await show(`/instances/${keys.packing}`);
    await button("Replay").click();
  };
  await answered(503, { title: "RESOURCE_EXHAUSTED", detail: "The log is looked through for others" });
  await page.locator(".source", { hasText: "The log cannot be looked through" }).waitFor();
  await page.locator(".moment", { hasText: "“Order received” began and ended, “Check stock” began. from the store" }).waitFor();
  await answered(200, { ...log, isFromBeginning: false, from: null, to: null, records: [] });
  await page.locator(".source", { hasText: "The log does not reach back to it any more." }).waitFor();
  await page.locator(".moment", { hasText: "from the store" }).waitFor();
  // From the middle on: what happened in the very millisecond where it begins is the store's.
  const times = [...new Set(log.records.map((record) => record.at))];
  const at = times[Math.floor(times.length / 2)];
  await answered(200, { ...log, isFromBeginning: false, from: { position: log.records[0].position, at: new Date(at).toISOString() } });
  await page.locator(".source", { hasText: /^After .*, as far back as the log reaches, it is told record by record, from the log\. The rest is told from when element instances began/ }).waitFor();
  await page.locator(".moment", { hasText: "from the store" }).waitFor();
  await page.getByLabel("Moment").press("End");
  await page.locator(".moment", { hasText: "from the log, position" }).waitFor();
  await page.locator('.replay [data-element-id="check_stock"].rb-done').waitFor();
  await page.locator('.replay [data-element-id="pack_item"].rb-active').waitFor();
  await page.unrouteAll();
  errors.splice(0, errors.length, ...errors.filter((error) => !/503/.test(error)));
});

await test("an instance is canceled after its effect was told", async () => {
  const key = await server.start("undrawn");
  await show(`/instances/${key}`);
  await button("Cancel instance").click();
  await seen("This cannot be undone");
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  assert.equal((await instance(key)).state, "ACTIVE");
  await button("Cancel instance").click();
  await button("Cancel it").click();
  await page.waitForFunction(() => document.querySelector(".sentence p").textContent.startsWith("Canceled after"));
});

await many(context);
await plans(context);
await reading(context);
await wrong(context);

await test("a message is published to whom waits, a signal is broadcast", async () => {
  const key = await server.start("order", { orderId: "order-77", amount: 5, items: [] });
  for (const job of await server.jobs("check-stock")) if (job.processInstanceKey === key) await server.post(`/v2/jobs/${job.jobKey}/completion`);
  await show("/messages");
  await page.getByRole("row", { name: /order-77/ }).getByRole("button", { name: "Publish" }).click();
  await page.getByLabel("Correlation key").first().waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll("input")].some((input) => input.value === "order-77"));
  await button("Correlate, and say with whom").click();
  await seen(`It reached the instance ${key}`);
  await page.getByRole("region", { name: "Broadcast a signal" }).getByLabel("Name").fill("nobody-waits");
  await button("Broadcast").click();
  await seen("Broadcast, with the key");
});

await test("decisions are shown with what matched, and tried", async () => {
  await show("/decisions");
  await page.getByRole("link", { name: "Discount", exact: true }).click();
  await page.getByLabel("Variables, as a JSON object").fill('{"amount": 6000}');
  await button("Evaluate").click();
  await page.locator("tr.matched").waitFor();
  assert.match(await page.locator("tr.matched").textContent(), /^1 matched/);
  await page.locator(".graph a").first().waitFor();
  await show("/decisions");
  await page.getByRole("region", { name: "Evaluated last" }).getByRole("link", { name: /Discount/ }).first().click();
  await page.locator("tr.matched").waitFor();
});

await test("expressions and unary tests are evaluated, warnings shown", async () => {
  await show("/playground");
  await button("Evaluate").click();
  await page.locator(".result .feel", { hasText: "20" }).waitFor();
  await page.getByLabel("Expression", { exact: true }).fill("1 + nothing");
  await button("Evaluate").click();
  await seen("No variable found with name 'nothing'");
  await button("Unary test").click();
  await page.getByLabel(/Test, as in a cell/).fill("> 5, [1..2]");
  await button("Evaluate").click();
  await page.locator(".result .feel", { hasText: "true" }).waitFor();
});

await test("the box finds keys, business ids, processes and variables", async () => {
  const find = async (text, url) => {
    await show("/");
    await page.locator(".figures").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type(text);
    await page.keyboard.press("Enter");
    await page.waitForURL(url, { timeout: 5000 });
  };
  await find(keys.stock, `**/instances/${keys.stock}`);
  await find("ORD-1003", `**/instances/${keys.pay}`);
  await find("invoice", "**/definitions/**");
  await find("orderId=order-2", "**/instances?variables=**");
  const { items: [job] } = await server.post("/v2/jobs/search", { filter: { processInstanceKey: keys.stock } });
  await find(job.jobKey, `**/instances/${keys.stock}`);
  await find(job.elementInstanceKey, `**/instances/${keys.stock}`);
  errors.splice(0, errors.length, ...errors.filter((error) => !/404/.test(error)));
});

await test("hostile names, variables and messages are shown and do nothing", async () => {
  await show(`/instances/${keys.hostile}`);
  await page.locator('[data-element-id="work"].rb-incident').waitFor();
  await page.getByRole("tab", { name: "Variables" }).click();
  await seen("<img src=x onerror=alert(3)>");
  await seen("\\u202eevil\\u0000\\u0007\\u001b[31m");
  await page.getByRole("row", { name: /^long/ }).getByRole("button", { name: "more" }).click();
  await page.waitForFunction(() => document.querySelector(".json bdi") && [...document.querySelectorAll(".json bdi")].some((one) => one.textContent.length > 60_000));
  assert.equal(await page.evaluate(() => document.querySelectorAll("#app script, #app img, #app b script").length), 0);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${wide} pixels too wide`);
});

await test("a hostile form is shown, runs nothing, asks nobody, and can be completed", async () => {
  await server.deploy({ "hostile_task.bpmn": models.hostileTask(), "hostile.form": models.hostileForm });
  const key = await server.start("hostile_task", { answer: "<script>alert(20)</script>" });
  const { items: [task] } = await server.post("/v2/user-tasks/search", { filter: { processInstanceKey: key } });
  await show(`/tasks/${task.userTaskKey}`);
  await page.getByLabel("Answer").waitFor();
  assert.equal(await page.getByLabel("Answer").inputValue(), "<script>alert(20)</script>");
  for (const link of await page.locator(".form-of a[href]").all()) assert.doesNotMatch(await link.getAttribute("href"), /^javascript:/i);
  await page.waitForTimeout(300);
  assert.equal(await page.locator(".form-of [onclick], .form-of [onerror], .form-of [onload], .form-of script").count(), 0);
  // The policy keeps the browser from the picture and the frame of elsewhere, and the browser says so.
  const [kept, others] = [/violates the following Content Security Policy directive/, /404/];
  assert.ok(errors.some((error) => kept.test(error)), "the picture was kept away");
  await page.getByLabel("Answer").fill("done");
  await button("Complete the task").click();
  await page.locator("h2 .state", { hasText: "Completed" }).waitFor();
  await page.getByLabel("Answer").waitFor();
  await page.waitForTimeout(300);
  errors.splice(0, errors.length, ...errors.filter((error) => !kept.test(error) && !others.test(error) && !error.startsWith("asked https://evil.example/")));
});

await test("what fails in the same way a hundred times is one sentence", async () => {
  const each = models.model("many", "Many", [
    models.element("startEvent", "begin", "", 160, 120),
    models.element("serviceTask", "each", "Each", 270, 120, `${models.job("each")}<bpmn:multiInstanceLoopCharacteristics>${models.extend('<zeebe:loopCharacteristics inputCollection="=items"/>')}</bpmn:multiInstanceLoopCharacteristics>`),
  ], [models.flow("begin", "each")]);
  await server.deploy({ "many.bpmn": each });
  const key = await server.start("many", { items: Array.from({ length: 120 }, (_, at) => at) });
  for (const job of (await server.jobs("each")).slice(0, 100)) await server.post(`/v2/jobs/${job.jobKey}/failure`, { retries: 0, errorMessage: `${job.jobKey} is not there` });
  await show(`/instances/${key}`);
  await page.waitForFunction(() => /^Failed at “Each”, 100 times: its job failed and has no retries left; the first: \d+ is not there$/.test(document.querySelector(".sentence p")?.textContent));
  assert.match(await page.locator(".more-of-it").first().textContent(), /^Waits at “Each” for a worker .* \(20 times\)$/);
  assert.equal(await page.locator(".more-of-it").count(), 1);
});

await test("a model without a diagram has a list", async () => {
  await show(`/instances/${keys.undrawn}`);
  await seen("The model has no diagram");
  await page.getByRole("button", { name: /Do work service task/ }).click();
  await seen("Only of");
});

await test("what is not there is said", async () => {
  await show("/instances/1");
  await seen("There is no instance with the key 1");
  await show("/tasks/1");
  await seen("There is no task 1");
  errors.splice(0, errors.length, ...errors.filter((error) => !/404/.test(error)));
});

await test("a server that does not answer is said, and what was there stays", async () => {
  const between = await proxyOf(base);
  await page.goto(`${between.url}/instances/${keys.stock}`);
  await page.locator(".sentence").waitFor();
  // The stream of changes is open by then.
  await page.waitForTimeout(500);
  await between.away();
  await seen("The server does not answer.");
  assert.match(await sentence(), /^Waits at/);
  await between.back();
  await page.locator(".banner").waitFor({ state: "detached", timeout: 8000 });
  await show("/");
  await between.away();
  errors.splice(0, errors.length, ...errors.filter((error) => !error.includes(between.url)));
});

await test("behind a proxy with a path of its own everything is found", async () => {
  const proxy = await proxyOf(base, "/engine");
  const there = proxy.url;
  await page.goto(`${there}/operate/processes/${keys.packing}`);
  assert.equal(page.url(), `${there}/instances/${keys.packing}`);
  await page.locator('[data-element-id="pack_item"].rb-active').waitFor();
  await page.getByRole("link", { name: "Tasks", exact: true }).click();
  await page.locator(".cards a").first().waitFor({ state: "attached" }).catch(() => seen("There is nothing to do here"));
  await page.goto(`${there}/swagger`);
  await seen("/process-instances/search");
  await show("/");
  await proxy.away();
  // A page that is open goes on asking until it is left: what it asked counts only then.
  errors.splice(0, errors.length, ...errors.filter((error) => !error.startsWith(`asked ${there}`)));
});

await hostile(context);

await test("no page has a serious finding of axe, no link is dead", async () => {
  const crawled = new Set();
  const queue = ["/", "/instances", "/tasks", "/definitions", "/decisions", "/messages", "/batches", "/playground", `/instances/${keys.packing}`, `/instances/${keys.hostile}`];
  const kinds = new Map();
  while (queue.length && crawled.size < 60) {
    const path = queue.shift();
    const kind = path.replace(/\?.*/, "").replace(/\/[\d-]+$/, "/KEY");
    if (crawled.has(path) || (kinds.get(kind) ?? 0) >= 5) continue;
    crawled.add(path);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    if (path.startsWith("/assets") || path.startsWith("/openapi")) {
      assert.equal((await fetch(base + path)).status, 200, path);
      continue;
    }
    const answer = await show(path);
    assert.equal(answer.status(), 200, path);
    // The stream of changes never ends, so that the network is not idle.
    await page.waitForFunction(() => !document.querySelector(".loading"));
    await page.waitForTimeout(400);
    assert.equal(await page.getByText(/No such page|This page has an error/).count(), 0, path);
    if (kinds.get(kind) === 1) {
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await accessible(`${path} ${colorScheme}`);
      }
    }
    for (const link of await page.evaluate(() => [...document.querySelectorAll("a[href]")].map((link) => new URL(link.getAttribute("href"), location.href).href))) {
      if (link.startsWith(`${base}/`)) queue.push(link.slice(base.length).replace(/#.*/, ""));
      else assert.match(link, /^https?:\/\/bpmn\.io/, `${path} leads to ${link}`);
    }
  }
  console.log(`  ${crawled.size} pages`);
});

await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);

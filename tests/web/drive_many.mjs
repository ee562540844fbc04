// Drives what is done to instances as a whole, to many of them, and to definitions.
import assert from "node:assert/strict";
import { open } from "./browser.mjs";
import * as models from "./models.mjs";

/** A process that waits for a worker, under a name of its own. */
const waiting = (id) => models.model(id, `Waits of ${id}`, [
  models.element("startEvent", "begin", "", 160, 120),
  models.element("serviceTask", "work", "Work", 270, 120, models.job(`job_of_${id}`)),
  models.element("endEvent", "end", "", 390, 120),
], [models.flow("begin", "work"), models.flow("work", "end")]);

export async function many({ test, show, seen, button, instance, accessible, server, page, errors, base, browser }) {
  const started = (id, count) => Promise.all(Array.from({ length: count }, () => server.start(id)));

  await test("an instance is suspended, says so, and is resumed", async () => {
    await server.deploy({ "resting.bpmn": waiting("resting") });
    const key = await server.start("resting");
    await show(`/instances/${key}`);
    await button("Suspend").click();
    await seen("rests until it is resumed");
    await button("Suspend it").click();
    await page.waitForFunction(() => /^Suspended since .*: nothing moves until it is resumed\.$/.test(document.querySelector(".sentence p")?.textContent));
    assert.equal((await instance(key)).state, "SUSPENDED");
    assert.match(await page.locator(".more-of-it").first().textContent(), /^Waits at “Work” for a worker/);
    await accessible("suspended instance");
    await show("/instances?state=suspended");
    await page.getByRole("link", { name: key }).click();
    await button("Resume").click();
    await button("Resume it").click();
    await page.waitForFunction(() => document.querySelector(".sentence p")?.textContent.startsWith("Waits at “Work”"));
    assert.equal((await instance(key)).state, "ACTIVE");
  });

  await test("an instance that ended is deleted with its history", async () => {
    const key = await server.start("resting");
    await server.post(`/v2/process-instances/${key}/cancellation`);
    await server.get(`/v2/process-instances/${key}`);
    await show(`/instances/${key}`);
    await button("Delete").click();
    await seen("All that is known of");
    await accessible("delete an instance");
    await button("Delete it").click();
    await page.waitForURL("**/instances");
    await show(`/instances/${key}`);
    await seen("There is no instance with the key");
    errors.splice(0, errors.length, ...errors.filter((error) => !/404/.test(error)));
  });

  await test("several instances are canceled together when their number is typed", async () => {
    await server.deploy({ "several.bpmn": waiting("several") });
    const keys = await started("several", 3);
    await show("/instances?process=several&state=running");
    for (const key of keys.slice(0, 2)) await page.getByLabel(`Choose ${key}`).check();
    await page.locator(".batch").getByRole("button", { name: "Cancel", exact: true }).click();
    await seen("2 instances end now");
    assert.ok(await button("Cancel 2").isDisabled());
    await page.getByLabel(/Type the number, 2/).fill("3");
    assert.ok(await button("Cancel 2").isDisabled());
    await page.getByLabel(/Type the number, 2/).fill("2");
    await button("Cancel 2").click();
    await page.waitForURL("**/batches/**");
    await page.getByRole("heading", { level: 1, name: /Cancel instances Completed/ }).waitFor();
    await seen("2 of 2");
    await page.getByRole("link", { name: keys[0] }).waitFor();
    assert.deepEqual(await Promise.all(keys.map(async (key) => (await instance(key)).state)), ["TERMINATED", "TERMINATED", "ACTIVE"]);
    await accessible("a batch operation");
  });

  await test("all that a list shows are taken, beyond its page, and what cannot be taken is said before", async () => {
    await server.deploy({ "crowd.bpmn": waiting("crowd") });
    const keys = await started("crowd", 60);
    await server.post(`/v2/process-instances/${keys[0]}/cancellation`);
    await server.get(`/v2/process-instances/${keys[0]}`);
    await show("/instances?process=crowd");
    await page.getByLabel("Choose all on this page").check();
    await button("Choose all 60").click();
    await seen("All 60 that are listed");
    await page.locator(".batch").getByRole("button", { name: "Cancel", exact: true }).click();
    await seen("1 of those chosen have ended, are suspended, or were called by another instance, and stay as they are.");
    await page.getByLabel(/Type the number, 59/).fill("59");
    await button("Cancel 59").click();
    await page.getByRole("heading", { level: 1, name: /Cancel instances Completed/ }).waitFor();
    await seen("59 of 59");
    // The next page of items.
    await button("Next").click();
    await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 9);
    await show("/instances?process=crowd");
    await page.getByLabel("Choose all on this page").check();
    await button("Choose all 60").click();
    await page.locator(".batch").getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByLabel(/Type the number, 60/).fill("60");
    await button("Delete 60").click();
    await page.getByRole("heading", { level: 1, name: /Delete instances Completed/ }).waitFor();
    await show("/instances?process=crowd");
    await seen("No instance is like this");
  });

  await test("incidents of several instances are resolved together, and what cannot be done says why", async () => {
    await server.deploy({ "failing.bpmn": waiting("failing") });
    const keys = await started("failing", 2);
    for (const job of await server.jobs("job_of_failing")) await server.post(`/v2/jobs/${job.jobKey}/failure`, { retries: 0, errorMessage: "not yet" });
    await Promise.all(keys.map(instance));
    // One that only called another that failed has nothing to be tried again.
    await server.deploy({ "failing_below.bpmn": models.model("failing_below", "Calls what fails", [
      models.element("startEvent", "begin", "", 160, 120),
      models.element("callActivity", "call", "Call", 270, 120, models.extend('<zeebe:calledElement processId="failing" propagateAllChildVariables="false"/>')),
      models.element("endEvent", "end", "", 390, 120),
    ], [models.flow("begin", "call"), models.flow("call", "end")]) });
    const caller = await server.start("failing_below");
    for (const job of await server.jobs("job_of_failing")) await server.post(`/v2/jobs/${job.jobKey}/failure`, { retries: 0, errorMessage: "not yet" });
    assert.equal((await instance(caller)).hasIncident, true);
    await show("/instances?process=failing_below&state=incident");
    await page.getByLabel(`Choose ${caller}`).check();
    await page.locator(".batch").getByRole("button", { name: "Try again", exact: true }).click();
    await seen("None of them can be taken for this.");
    await page.keyboard.press("Escape");
    await show(`/instances?parent=${caller}&state=incident`);
    const [called] = (await server.post("/v2/process-instances/search", { filter: { parentProcessInstanceKey: caller } })).items;
    await server.post(`/v2/process-instances/${caller}/cancellation`);
    assert.equal((await instance(called.processInstanceKey)).state, "TERMINATED");
    await show("/instances?process=failing&state=incident");
    await page.getByLabel("Choose all on this page").check();
    await page.locator(".batch").getByRole("button", { name: "Try again", exact: true }).click();
    await page.getByLabel(/Type the number, 2/).fill("2");
    await button("Try again 2").click();
    await page.getByRole("heading", { level: 1, name: /Try incidents again Completed/ }).waitFor();
    for (const key of keys) assert.equal((await instance(key)).hasIncident, false);
    // One that runs is refused, by the server.
    const { batchOperationKey } = await server.post("/v2/process-instances/deletion", { filter: { processInstanceKey: keys[0] } });
    await server.get(`/v2/batch-operations/${batchOperationKey}`);
    await show("/batches");
    await page.getByRole("row", { name: batchOperationKey }).getByRole("link").click();
    await page.getByRole("heading", { level: 1, name: /Delete instances/ }).waitFor();
    await seen("1 failed");
    await page.locator(".choice").getByRole("button", { name: "Failed" }).click();
    await seen(keys[0]);
    assert.ok((await page.locator("tbody td.wide").first().textContent()).length > 20);
  });

  await test("what was asked of those that were chosen is forgotten when others are listed", async () => {
    await server.deploy({ "forgotten.bpmn": waiting("forgotten") });
    const key = await server.start("forgotten");
    await show("/instances?process=forgotten");
    await page.getByLabel(`Choose ${key}`).check();
    await page.locator(".batch").getByRole("button", { name: "Migrate", exact: true }).click();
    await page.locator("section.modify").waitFor();
    await page.locator(".choice").getByRole("button", { name: "Running" }).click();
    await page.waitForURL("**state=running**");
    await page.locator("section.modify").waitFor({ state: "detached" });
    await page.getByLabel(`Choose ${key}`).check();
    await page.locator(".batch").waitFor();
    assert.equal(await page.locator("section.modify").count(), 0);
  });

  await test("a batch operation is suspended, resumed and canceled while it goes on", async () => {
    // Slow enough to be caught: the page's requests are let through, the server's answers about it are of a long one.
    const key = "4503599627370999";
    const one = { batchOperationKey: key, batchOperationType: "CANCEL_PROCESS_INSTANCE", state: "ACTIVE", startDate: new Date().toISOString(), endDate: null, actorType: null, actorId: null, operationsTotalCount: 200, operationsFailedCount: 3, operationsCompletedCount: 50, errors: [{ partitionId: 2, type: "QUERY_FAILED", message: "<b>it</b> could not be read" }] };
    const asked = [];
    await page.route(`**/v2/batch-operations/${key}**`, (route) => {
      const what = route.request().url().split("/").at(-1);
      if (what === key) return route.fulfill({ json: one });
      asked.push(what);
      one.state = { suspension: "SUSPENDED", resumption: "ACTIVE", cancellation: "CANCELED" }[what];
      if (what === "cancellation") one.endDate = new Date().toISOString();
      return route.fulfill({ status: 204 });
    });
    await show(`/batches/${key}`);
    await seen("53 of 200");
    await seen("<b>it</b> could not be read");
    await button("Suspend").click();
    await page.getByRole("heading", { level: 1, name: /Suspended/ }).waitFor();
    await button("Resume").click();
    await page.getByRole("heading", { level: 1, name: /Running/ }).waitFor();
    await button("Cancel").click();
    await seen("What is done stays done: 50 items of 200");
    await button("Cancel it").click();
    await page.getByRole("heading", { level: 1, name: /Canceled/ }).waitFor();
    assert.deepEqual(asked, ["suspension", "resumption", "cancellation"]);
    assert.equal(await button("Suspend").count(), 0);
    await page.unrouteAll();
  });

  await test("a batch operation of the server rests and goes on", async () => {
    await server.deploy({ "long.bpmn": waiting("long") });
    await Promise.all(Array.from({ length: 40 }, async () => { for (let at = 0; at < 25; at++) await server.post("/v2/process-instances", { processDefinitionId: "long" }); }));
    const { batchOperationKey } = await server.post("/v2/process-instances/cancellation", { filter: { processDefinitionId: "long" } });
    // It may be over before it is caught: then it says so, and nothing else is asked of it.
    await show(`/batches/${batchOperationKey}`);
    await page.getByRole("heading", { level: 1, name: /Cancel instances/ }).waitFor();
    await button("Suspend").click({ timeout: 1000 }).catch(() => {});
    await button("Resume").click({ timeout: 2000 }).catch(() => {});
    await page.getByRole("heading", { level: 1, name: /Cancel instances Completed/ }).waitFor({ timeout: 20_000 });
    await seen("1\u2009000 of 1\u2009000");
    errors.splice(0, errors.length, ...errors.filter((error) => !/409|404/.test(error)));
  });

  await test("the diagram of a definition is colored by how often, incidents and how long", async () => {
    await server.deploy({ "warm.bpmn": waiting("warm") });
    await started("warm", 3);
    const jobs = await server.jobs("job_of_warm");
    await new Promise((then) => setTimeout(then, 60));
    await server.post(`/v2/jobs/${jobs[0].jobKey}/completion`);
    await server.post(`/v2/jobs/${jobs[1].jobKey}/failure`, { retries: 0, errorMessage: "cold" });
    const { items: [one] } = await server.post("/v2/process-definitions/search", { filter: { processDefinitionId: "warm" } });
    await server.get(`/v2/process-instances/${jobs[0].processInstanceKey}`);
    await show(`/definitions/${one.processDefinitionKey}`);
    await page.locator('[data-element-id="work"].rb-incident').waitFor({ state: "attached" });
    const shows = page.getByLabel("The diagram shows");
    await shows.selectOption({ label: "how often" });
    await page.locator('[data-element-id="work"].rb-heat-5').waitFor({ state: "attached" });
    await page.locator('[data-element-id="end"].rb-heat-2').waitFor({ state: "attached" });
    assert.equal(await page.locator('[data-element-id="work"].rb-incident').count(), 0);
    await shows.selectOption({ label: "incidents" });
    await page.locator('[data-element-id="end"].rb-heat-2').waitFor({ state: "detached" }).catch(() => {});
    assert.equal(await page.locator('[class*="rb-heat"]').count(), 1);
    await shows.selectOption({ label: "how long" });
    await page.getByRole("columnheader", { name: "Median" }).waitFor();
    await page.locator('[data-element-id="work"].rb-heat-5').waitFor({ state: "attached" });
    const median = await page.getByRole("row", { name: /^Work/ }).locator("td").nth(6).textContent();
    assert.match(median, /^\d+ m?s$/);
    await accessible("heat");
  });

  await test("a definition is deleted, with what is known of its instances", async () => {
    await server.deploy({ "passing.bpmn": waiting("passing") });
    const [ended, other] = await started("passing", 2);
    await server.post(`/v2/process-instances/${ended}/cancellation`);
    await server.get(`/v2/process-instances/${ended}`);
    const { items: [one] } = await server.post("/v2/process-definitions/search", { filter: { processDefinitionId: "passing" } });
    await show(`/definitions/${one.processDefinitionKey}`);
    await button("Delete").click();
    await seen("(1 still runs: the server may refuse it until it has ended).");
    await button("Leave it").click();
    await server.post(`/v2/process-instances/${other}/cancellation`);
    await server.get(`/v2/process-instances/${other}`);
    await button("Delete").click();
    await page.getByLabel(/All that is known of its 2 instances that ended/).check();
    const yes = page.locator("dialog").getByRole("button", { name: "Delete", exact: true });
    assert.ok(await yes.isDisabled());
    await page.getByLabel(/Type the number, 2/).fill("2");
    await accessible("delete a definition");
    await yes.click();
    await page.waitForURL("**/batches/**");
    await page.getByRole("heading", { level: 1, name: /Delete instances Completed/ }).waitFor();
    await assert.rejects(server.start("passing"), /404/);
    await assert.rejects(instance(ended), /404/);
    await show(`/definitions/${one.processDefinitionKey}`);
    await page.locator("h1 .state", { hasText: "Deleted" }).waitFor();
    assert.equal(await button("Start an instance").count(), 0);
  });

  await test("the overview says which jobs nobody does", async () => {
    // The clock of this page is ahead, so that what waits has waited for long.
    await server.start("resting");
    const ahead = await open(browser, base);
    await ahead.page.clock.setSystemTime(Date.now() + 10 * 60_000);
    await ahead.page.goto(`${base}/`);
    await ahead.page.getByRole("row", { name: /job_of_resting/ }).getByText("nobody has done one in the last 5 minutes").waitFor();
    await ahead.page.getByText("jobs done in 5 minutes").waitFor();
    assert.deepEqual(ahead.errors, []);
    await ahead.context.close();
  });

  await test("the overview says how the engine does, and what is not well", async () => {
    await show("/");
    await page.getByRole("row", { name: /^Command processed \d/ }).waitFor();
    await page.locator(".count", { hasText: /^of the last \d/ }).waitFor();
    await seen("Searches: up to date.");
    await page.getByText(/^[\d.,\u2009]+ [KMGT]iB free$/).waitFor();
    // Commands of these seconds, and not those since the start.
    const rate = async () => Number((await page.getByText(/commands, .* a second/).textContent()).split(" commands")[0].replace(/\u2009/g, ""));
    await page.waitForFunction(() => /commands, .* a second/.test(document.body.textContent));
    assert.ok(await rate() < 1000);
    await accessible("overview");
    const told = await server.get("/figures");
    const [partition] = told.partitions;
    const ill = {
      ...told, coresSilent: 1, isExportingPaused: true, disk: { ...told.disk, freeBytes: 5 * 2 ** 30, allBytes: 100 * 2 ** 30 },
      partitions: [{
        ...partition, isStopped: true, isCheckpointDelayed: true, bannedInstances: 2, dueAgeMs: 65_000,
        storage: { isWell: false, behind: 1200, heldBytes: 3 * 2 ** 20, lagMs: 90_000 },
        exporters: [{ name: "audit\u202e<b>", isWell: true, behind: 7, heldBytes: 0 }],
      }],
    };
    await page.route("**/figures", (route) => route.fulfill({ json: ill }));
    await show("/");
    for (const text of [
      `Partition ${partition.partitionId} has stopped. The server's log says why.`, "has no space for a checkpoint", "has 2 banned instances, which can only be canceled.", "is late: a timer or a deadline is 1 min 5 s overdue.",
      "1 core said nothing for 5 s.", "Searches: does not get on, 1\u2009200 records behind, 1 min 30 s; 3.0 MiB of the log are kept for it.", "Exporter audit\\u202e<b>: rests, as it was told; 7 records behind.",
    ]) await page.locator("li.wrong", { hasText: text }).waitFor();
    await page.locator("b.failed", { hasText: "5.0 GiB free" }).waitFor();
    await page.unroute("**/figures");
  });
}

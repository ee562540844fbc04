// Drives what makes pages easy to read: cards that are told apart, names that stay whole, times that go on.
import assert from "node:assert/strict";
import * as models from "./models.mjs";

/** A user task for one of a group, and one that is somebody's, after a timer that is far. */
const desk = models.model("desk", "Front desk", [
  models.element("startEvent", "begin", "", 160, 120),
  models.element("userTask", "greet", "Greet the guest", 270, 120, models.extend('<zeebe:userTask/><zeebe:assignmentDefinition candidateGroups="=groups" assignee="=assignee"/>')),
  models.element("endEvent", "end", "", 390, 120),
], [models.flow("begin", "greet"), models.flow("greet", "end")]);

export async function reading({ test, show, accessible, server, page, errors }) {
  const card = (which) => page.locator(".cards a", { hasText: which });
  const text = async (locator) => (await locator.textContent()).replace(/\s+/g, " ");

  await test("cards of tasks are told apart and say what each name and time is", async () => {
    await server.deploy({ "desk.bpmn": desk });
    await server.start("desk", { groups: ["reception", "night"], assignee: "" }, { businessId: "GUEST-1" });
    const plain = await server.start("desk", { groups: [], assignee: "" });
    await server.start("desk", { groups: ["reception"], assignee: "ada" }, { businessId: "GUEST-3" });
    await show("/tasks?process=desk&sort=new");
    await card("GUEST-1").waitFor();
    assert.match(await text(card("GUEST-1")), /^Greet the guest ?groups reception, night ?Front desk·GUEST-1 ?created \d+ (ms|s) ago$/);
    assert.match(await text(card(plain)), /^Greet the guest ?for anybody ?Front desk·\d+ ?created /);
    assert.match(await text(card("GUEST-3")), /^Greet the guest ?assigned to ada ?Front desk·GUEST-3 ?created /);
    await page.setViewportSize({ width: 390, height: 844 });
    const which = card("GUEST-1").locator(".which");
    assert.ok((await which.boundingBox()).width > 40, "there is room for it on a phone");
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  await test("times go on by themselves, and are read out once", async () => {
    const key = await server.start("desk", { groups: ["reception"], assignee: "" });
    await show(`/instances/${key}`);
    const runs = page.locator(".facts div", { hasText: "Running for" }).locator("dd");
    await runs.waitFor();
    await page.waitForTimeout(1200);
    const asked = [];
    const onAsk = (request) => asked.push(request.url());
    const before = [await runs.textContent(), await page.locator(".tree .took").first().textContent()];
    page.on("request", onAsk);
    await page.waitForFunction((old) => document.querySelector(".tree .took").textContent !== old, before[1], { timeout: 3000 });
    await page.waitForFunction((old) => [...document.querySelectorAll(".facts dd")].every((one) => one.textContent !== old), before[0], { timeout: 3000 });
    page.off("request", onAsk);
    assert.deepEqual(asked.filter((url) => !/live|build\.json/.test(url)), [], "nothing is asked for that");
    await show("/tasks?process=desk&sort=new");
    const created = page.locator(".cards .when").first();
    const old = await text(created);
    await page.waitForFunction((text) => document.querySelector(".cards .when").textContent.replace(/\s+/g, " ") !== text, old, { timeout: 4000 });
    // What is due comes nearer, and who listens is told what it waits for and not each second.
    const wait = models.model("sleeper", "Sleeper", [
      models.element("startEvent", "begin", "", 160, 120),
      models.element("intermediateCatchEvent", "sleep", "An hour", 270, 120, '<bpmn:timerEventDefinition id="t"><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">PT50S</bpmn:timeDuration></bpmn:timerEventDefinition>'),
      models.element("endEvent", "end", "", 390, 120),
    ], [models.flow("begin", "sleep"), models.flow("sleep", "end")]);
    await server.deploy({ "sleeper.bpmn": wait });
    await show(`/instances/${await server.start("sleeper")}`);
    const said = page.locator(".sentence > p").first();
    await page.waitForFunction(() => /due in \d+ s/.test(document.querySelector(".sentence > p")?.textContent));
    const [due, read] = [await said.textContent(), await page.locator(".sentence [aria-live]").textContent()];
    await page.waitForFunction((text) => document.querySelector(".sentence > p").textContent !== text, due, { timeout: 3000 });
    assert.equal(await page.locator(".sentence [aria-live]").textContent(), read);
  });

  await test("names of variables stay on one line, whole under the keyboard", async () => {
    const long = "theNameOfTheCustomerWhoOrderedItInTheFirstPlaceAndStillWaits";
    const key = await server.start("desk", { groups: ["a"], assignee: "", [long]: 1, customerReference: "C-1" });
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await show(`/instances/${key}`);
      const name = page.locator("td.name .name-of", { hasText: long });
      await name.waitFor();
      const line = (await page.locator("td.name .name-of", { hasText: "groups" }).boundingBox()).height;
      assert.equal((await name.boundingBox()).height, line, `${width}: one line`);
      assert.equal(await name.getAttribute("title"), long);
      const short = page.locator("td.name .name-of", { hasText: "customerReference" });
      assert.ok(await short.evaluate((one) => one.scrollWidth <= one.clientWidth), `${width}: there is room for a usual name`);
      await name.focus();
      assert.ok((await name.boundingBox()).height > line, `${width}: whole`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    }
    await page.setViewportSize({ width: 1440, height: 900 });
    await accessible("names");
  });

  await test("a server that was replaced under an open page is read as it is", async () => {
    await show("/messages");
    await page.getByRole("region", { name: "Broadcast a signal" }).getByLabel("Name").fill("nobody-waits");
    await page.getByRole("button", { name: "Broadcast", exact: true }).click();
    await page.getByText("Broadcast, with the key").waitFor();
    let refused = 0;
    await page.route("**/v2/process-instances/search", (route) => {
      if (!route.request().headers()["ringbolt-position"]) return route.continue();
      refused++;
      return route.fulfill({ status: 400, json: { title: "INVALID_ARGUMENT", detail: "The position 1-99999 was not given out yet" } });
    });
    await page.getByRole("link", { name: "Instances", exact: true }).click();
    await page.locator("tbody tr, .trouble").first().waitFor();
    assert.equal(await page.locator(".trouble").count(), 0);
    assert.ok(refused > 0);
    await page.unrouteAll();
    errors.splice(0, errors.length, ...errors.filter((error) => !/400/.test(error)));
  });
}

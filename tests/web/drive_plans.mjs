// Drives batch operations that say more than which instances: rests and what ends them, migrations, modifications.
import assert from "node:assert/strict";
import * as models from "./models.mjs";

/** Two tasks, one after the other. */
const two = (id, first, second, name = `Two of ${id}`) => models.model(id, name, [
  models.element("startEvent", "begin", "", 160, 120),
  models.element("serviceTask", first, "First", 270, 120, models.job(`${id}_first`)),
  models.element("serviceTask", second, "Second", 410, 120, models.job(`${id}_second`)),
  models.element("endEvent", "end", "", 530, 120),
], [models.flow("begin", first), models.flow(first, second), models.flow(second, "end")]);

export async function plans({ test, show, seen, button, instance, accessible, server, page }) {
  const started = (id, count) => Promise.all(Array.from({ length: count }, () => server.start(id)));
  const inBatch = (name) => page.locator(".batch").getByRole("button", { name, exact: true });
  const deployed = async (files) => (await server.deploy(files)).deployments.map((one) => one.processDefinition.processDefinitionKey);
  const standsAt = async (key) => {
    const { items } = await server.post("/v2/element-instances/search", { filter: { processInstanceKey: key, state: "ACTIVE", type: "SERVICE_TASK" } });
    return items.map((one) => one.elementId).join();
  };
  const pick = (label, id) => page.getByRole("group", { name: label }).locator(`[data-element-id="${id}"] .djs-hit`).first().click();

  await test("several instances are suspended and resumed together", async () => {
    await deployed({ "resters.bpmn": two("resters", "first", "second") });
    const keys = await started("resters", 3);
    await show("/instances?process=resters&state=running");
    for (const key of keys.slice(0, 2)) await page.getByLabel(`Choose ${key}`).check();
    assert.ok(await inBatch("Resume").isDisabled() === false, "chosen one by one: nobody knows what became of them");
    await inBatch("Suspend").click();
    await seen("2 instances rest until they are resumed");
    await page.getByLabel(/Type the number, 2/).fill("2");
    await button("Suspend 2").click();
    await page.getByRole("heading", { level: 1, name: /Suspend instances Completed/ }).waitFor();
    assert.deepEqual(await Promise.all(keys.map(async (key) => (await instance(key)).state)), ["SUSPENDED", "SUSPENDED", "ACTIVE"]);
    await show("/instances?process=resters");
    await page.getByLabel("Choose all on this page").check();
    await inBatch("Resume").click();
    await seen("1 of those chosen are not suspended, and stay as they are.");
    await page.getByLabel(/Type the number, 2/).fill("2");
    await button("Resume 2").click();
    await page.getByRole("heading", { level: 1, name: /Resume instances Completed/ }).waitFor();
    for (const key of keys) assert.equal((await instance(key)).state, "ACTIVE");
  });

  await test("all instances of a list are migrated, as the picture says", async () => {
    const [before] = await deployed({ "movers.bpmn": two("movers", "first", "second") });
    const keys = await started("movers", 3);
    const jobs = await server.jobs("movers_first", 1);
    await server.post(`/v2/jobs/${jobs[0].jobKey}/completion`);
    const moved = jobs[0].processInstanceKey;
    const [after] = await deployed({ "movers.bpmn": two("movers", "other", "second", "Two of movers, again") });
    await instance(moved);
    await show("/instances?process=movers&state=running");
    await page.getByLabel("Choose all on this page").check();
    await inBatch("Migrate").click();
    // Both versions may be among them: which one is said.
    await page.getByLabel("Migrate instances of").selectOption(before);
    await page.getByLabel("Definition to migrate to").selectOption(after);
    // The same id goes to itself, also what nothing stands at; the only one of the same name is proposed.
    await page.getByLabel("Where First goes").waitFor();
    assert.equal(await page.getByLabel("Where First goes").inputValue(), "other");
    assert.equal(await page.getByLabel("Where Second goes").inputValue(), "second");
    await page.getByRole("group", { name: "Where it stands" }).locator(".badge.active", { hasText: "2" }).waitFor();
    // Sent elsewhere by picking, and back by the list.
    await pick("Where it stands", "first");
    await pick(/^Where it goes/, "second");
    await page.waitForFunction(() => document.querySelector('[aria-label="Where First goes"]').value === "second");
    await page.getByLabel("Where First goes").selectOption("other");
    await accessible("migrate many");
    await page.getByRole("button", { name: /^Migrate to Two of movers, again v2/ }).click();
    await seen("3 instances go on in the other definition");
    await seen("From Two of movers v1 to Two of movers, again v2.");
    await page.getByLabel(/Type the number, 3/).fill("3");
    await button("Migrate 3").click();
    await page.getByRole("heading", { level: 1, name: /Migrate instances Completed/ }).waitFor();
    await seen("3 of 3");
    for (const key of keys) {
      assert.equal((await instance(key)).processDefinitionVersion, 2);
      assert.equal(await standsAt(key), key === moved ? "second" : "other");
    }
  });

  await test("what stands at an element of several instances is moved, and those of other versions stay", async () => {
    const [definition] = await deployed({ "jumpers.bpmn": two("jumpers", "first", "second") });
    const keys = await started("jumpers", 2);
    await deployed({ "jumpers.bpmn": two("jumpers", "first", "second", "Later jumpers") });
    const later = await server.start("jumpers");
    await show("/instances?process=jumpers");
    await page.getByLabel("Choose all on this page").check();
    await inBatch("Modify").click();
    await page.getByLabel("Modify instances of").selectOption(definition);
    await seen("Pick the element that they move from.");
    await pick("Diagram to modify", "first");
    await seen("2 of them stand at");
    await pick("Diagram to modify", "second");
    await seen("Move all from");
    await accessible("modify many");
    await button("Move them").click();
    await seen("1 of those chosen are of other definitions, have ended or are suspended, and stay as they are.");
    await page.getByLabel(/Type the number, 2/).fill("2");
    await button("Modify 2").click();
    await page.getByRole("heading", { level: 1, name: /Modify instances Completed/ }).waitFor();
    for (const key of keys) assert.equal(await standsAt(key), "second");
    assert.equal(await standsAt(later), "first");
  });
}

// One box that goes to what is typed into it: a key, a business id, an id of a process, a variable.

import { useEffect, useRef, useState } from "preact/hooks";
import { go, to } from "../route";
import { get, Problem, search } from "../server";
import type { Definition, Instance } from "../things";
import { cut, plain } from "../text";

/** What has keys, in the order in which it is asked. */
const KEYED: [string, (key: string) => string][] = [
  ["process-instances", (key) => to("instances", key)],
  ["user-tasks", (key) => to("tasks", key)],
  ["process-definitions", (key) => to("definitions", key)],
  ["decision-definitions", (key) => to("decisions", key)],
  ["batch-operations", (key) => to("batches", key)],
];
/** What belongs to an instance, which is shown instead. */
const OWNED = ["element-instances", "incidents", "variables"];

/** A variable as `name=value`; a value that is no JSON is a text. */
export function variableOf(text: string): { name: string; value: string } | undefined {
  const at = text.indexOf("=");
  if (at < 1) return undefined;
  const [name, value] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  try {
    JSON.parse(value);
    return { name, value };
  } catch {
    return { name, value: JSON.stringify(value) };
  }
}

async function there<T>(path: string): Promise<T | undefined> {
  try {
    return await get<T>(path);
  } catch (error) {
    if (error instanceof Problem && (error.status === 404 || error.status === 400)) return undefined;
    throw error;
  }
}

/** The address of what a text stands for. */
export async function find(text: string): Promise<string | undefined> {
  if (variableOf(text)) return to("instances", "", { variables: text });
  if (/^\d{1,19}$/.test(text)) {
    for (const [what, address] of KEYED) if (await there(`v2/${what}/${text}`)) return address(text);
    for (const what of OWNED) {
      const found = await there<{ processInstanceKey: string }>(`v2/${what}/${text}`);
      if (found) return to("instances", found.processInstanceKey);
    }
    const job = await search<{ processInstanceKey: string }>("jobs", { filter: { jobKey: text }, page: { limit: 1 } });
    if (job.items[0]) return to("instances", job.items[0].processInstanceKey);
  }
  // What it calls has the same one.
  const byBusiness = await search<Instance>("process-instances", { filter: { businessId: text, parentProcessInstanceKey: { $exists: false } }, page: { limit: 2 } });
  if (byBusiness.items.length === 1) return to("instances", byBusiness.items[0]!.processInstanceKey);
  if (byBusiness.items.length > 1) return to("instances", "", { business: text });
  const definitions = await search<Definition>("process-definitions", { filter: { processDefinitionId: text }, sort: [{ field: "version", order: "DESC" }], page: { limit: 1 } });
  if (definitions.items[0]) return to("definitions", definitions.items[0].processDefinitionKey);
  return undefined;
}

export function Find() {
  const field = useRef<HTMLInputElement>(null);
  const [said, setSaid] = useState("");
  useEffect(() => {
    const slash = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      if ((event.target as Element | null)?.closest?.("input,textarea,select,dialog,[contenteditable]")) return;
      event.preventDefault();
      field.current?.focus();
    };
    addEventListener("keydown", slash);
    return () => removeEventListener("keydown", slash);
  }, []);
  const submit = async (event: Event) => {
    event.preventDefault();
    const text = field.current?.value.trim();
    if (!text) return;
    setSaid("Looking");
    try {
      const address = await find(text);
      setSaid(address ? "" : `Nothing is called ${plain(cut(text, 40))}`);
      if (address) {
        if (field.current) field.current.value = "";
        go(address);
      }
    } catch (error) {
      setSaid(plain(cut((error as Error).message, 200)));
    }
  };
  return (
    <form class="find" role="search" onSubmit={submit}>
      <input ref={field} type="search" placeholder="Key, business id, name=value" aria-label="Find by key, business id, process id or name=value" onInput={() => setSaid("")} />
      <kbd aria-hidden="true">/</kbd>
      {said && (
        <output class="said" role="status">
          {said}
        </output>
      )}
    </form>
  );
}

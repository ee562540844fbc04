// What differs between two versions of a process, element by element.

import { readModel, type ModelElement } from "./model";

export interface Difference {
  id: string;
  name: string;
  kind: "added" | "removed" | "changed";
}

/** Elements as they stand in a model, without what is inside of scopes and without the picture. */
function texts(xml: string, processId: string): Map<string, string> {
  const document = new DOMParser().parseFromString(xml, "text/xml");
  const serializer = new XMLSerializer();
  const found = new Map<string, string>();
  const process = [...document.getElementsByTagNameNS("*", "process")].find((one) => one.getAttribute("id") === processId);
  for (const element of process?.getElementsByTagNameNS("*", "*") ?? []) {
    const id = element.getAttribute("id");
    if (!id) continue;
    const copy = element.cloneNode(true) as Element;
    if (/subProcess|SubProcess|transaction/.test(element.localName)) [...copy.children].filter((child) => child.hasAttribute("id")).forEach((child) => child.remove());
    // Which flows come and go is said by the flows.
    [...copy.children].filter((child) => /^(incoming|outgoing)$/.test(child.localName)).forEach((child) => child.remove());
    found.set(id, serializer.serializeToString(copy).replace(/\s+/g, " ").replace(/> </g, "><"));
  }
  return found;
}

/** What the newer version has, lacks and has otherwise. */
export function compare(older: string, newer: string, processId: string): Difference[] {
  const [before, after] = [texts(older, processId), texts(newer, processId)];
  const [old, now] = [readModel(older, processId).elements, readModel(newer, processId).elements];
  const named = (id: string, of: Map<string, ModelElement>) => of.get(id)?.name || id;
  const differences: Difference[] = [];
  for (const id of now.keys()) {
    if (!old.has(id)) differences.push({ id, name: named(id, now), kind: "added" });
    else if (before.get(id) !== after.get(id)) differences.push({ id, name: named(id, now), kind: "changed" });
  }
  for (const id of old.keys()) if (!now.has(id)) differences.push({ id, name: named(id, old), kind: "removed" });
  return differences;
}

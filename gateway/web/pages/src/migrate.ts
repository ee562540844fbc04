// Which elements an instance's tokens go to in another definition, as far as that can be told from the models.

import type { Model, ModelElement } from "./model";

export interface Mapping {
  source: string;
  /** Nothing yet where nobody has said. */
  target?: string;
}

/** Elements that hold a token by themselves. */
export const STANDS = /Task$|^task$|^callActivity$|[sS]ubProcess$|^transaction$|CatchEvent$|Gateway$/;

/** What an element may be mapped to: what is of its kind. */
export const fits = (source: ModelElement | undefined, target: ModelElement | undefined) => !!source && !!target && source.tag === target.tag && (STANDS.test(source.tag) || source.tag === "boundaryEvent");

/** The one element of the same kind and name, if there is one. */
function named(source: ModelElement, model: Model): string | undefined {
  const same = [...model.elements.values()].filter((one) => fits(source, one) && one.name === source.name);
  return source.name && same.length === 1 ? same[0]!.id : undefined;
}

/** What has to be mapped, and to what most likely: the same id, else the only one of the same name. */
export function propose(active: string[], from: Model, to: Model): Mapping[] {
  const of = (id: string): Mapping => {
    const source = from.elements.get(id);
    const target = fits(source, to.elements.get(id)) ? id : source && named(source, to);
    return { source: id, target };
  };
  const stands = active.filter((id) => STANDS.test(from.elements.get(id)?.tag ?? ""));
  const mappings = stands.map(of);
  // What waits at the edge of an activity goes with it; what has no place in the other model is closed.
  const edges = [...from.elements.values()].filter((one) => one.tag === "boundaryEvent" && one.attachedTo && stands.includes(one.attachedTo));
  for (const edge of edges) {
    const mapping = of(edge.id);
    const goes = mappings.find((one) => one.source === edge.attachedTo)?.target;
    if (mapping.target && goes && to.elements.get(mapping.target)?.attachedTo === goes) mappings.push(mapping);
  }
  return mappings;
}

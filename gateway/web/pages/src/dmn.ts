// What the pages want to know of a model of decisions.

export interface Rule {
  id: string;
  inputs: string[];
  outputs: string[];
  note: string;
}

export interface DecisionTable {
  kind: "table";
  hitPolicy: string;
  inputs: { id: string; label: string; expression: string; type: string }[];
  outputs: { id: string; label: string; name: string; type: string }[];
  rules: Rule[];
}

export type Logic = DecisionTable | { kind: "expression"; text: string } | { kind: "other"; tag: string };

export interface Shape {
  id: string;
  name: string;
  tag: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Graph {
  shapes: Shape[];
  edges: { id: string; points: [number, number][]; tag: string }[];
}

const kids = (element: Element, local: string) => [...element.children].filter((child) => child.localName === local);
const text = (element: Element | undefined) => (element ? (kids(element, "text")[0]?.textContent ?? "").trim() : "");

export function readDmn(xml: string): Document {
  return new DOMParser().parseFromString(xml, "text/xml");
}

/** What a decision consists of. */
export function logicOf(document: Document, decisionId: string): Logic | undefined {
  const decision = [...document.getElementsByTagNameNS("*", "decision")].find((one) => one.getAttribute("id") === decisionId);
  if (!decision) return undefined;
  const table = kids(decision, "decisionTable")[0];
  if (table) return readTable(table);
  const expression = kids(decision, "literalExpression")[0];
  if (expression) return { kind: "expression", text: text(expression) };
  const other = ["context", "invocation", "list", "relation", "functionDefinition"].find((tag) => kids(decision, tag).length);
  return { kind: "other", tag: other ?? "nothing" };
}

function readTable(table: Element): DecisionTable {
  const attribute = (element: Element | undefined, name: string) => element?.getAttribute(name) ?? "";
  const aggregation = attribute(table, "aggregation");
  return {
    kind: "table",
    hitPolicy: `${attribute(table, "hitPolicy") || "UNIQUE"}${aggregation ? ` ${aggregation}` : ""}`,
    inputs: kids(table, "input").map((input) => {
      const expression = kids(input, "inputExpression")[0];
      return { id: attribute(input, "id"), label: attribute(input, "label"), expression: text(expression), type: attribute(expression, "typeRef") };
    }),
    outputs: kids(table, "output").map((output) => ({ id: attribute(output, "id"), label: attribute(output, "label"), name: attribute(output, "name"), type: attribute(output, "typeRef") })),
    rules: kids(table, "rule").map((rule) => ({
      id: attribute(rule, "id"),
      inputs: kids(rule, "inputEntry").map(text),
      outputs: kids(rule, "outputEntry").map(text),
      note: kids(rule, "description")[0]?.textContent?.trim() ?? "",
    })),
  };
}

/** Where the model says that its decisions stand; nothing if it does not say. */
export function graphOf(document: Document): Graph | undefined {
  const named = new Map<string, Element>();
  for (const element of document.getElementsByTagNameNS("*", "*")) {
    const id = element.getAttribute("id");
    if (id) named.set(id, element);
  }
  const value = (element: Element | undefined, name: string) => Number(element?.getAttribute(name)) || 0;
  const shapes = [...document.getElementsByTagNameNS("*", "DMNShape")].map((shape) => {
    const id = (shape.getAttribute("dmnElementRef") ?? "").split(":").at(-1) ?? "";
    const of = named.get(id);
    const bounds = kids(shape, "Bounds")[0];
    return { id, name: of?.getAttribute("name") || id, tag: of?.localName ?? "", x: value(bounds, "x"), y: value(bounds, "y"), width: value(bounds, "width"), height: value(bounds, "height") };
  });
  const edges = [...document.getElementsByTagNameNS("*", "DMNEdge")].map((edge) => {
    const id = edge.getAttribute("dmnElementRef") ?? "";
    return { id, tag: named.get(id)?.localName ?? "", points: kids(edge, "waypoint").map((point) => [value(point, "x"), value(point, "y")] as [number, number]) };
  });
  return shapes.length ? { shapes, edges } : undefined;
}

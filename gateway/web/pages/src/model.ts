// What the pages want to know of a BPMN model beside its picture.

export interface ModelElement {
  id: string;
  /** Its local name, as `serviceTask`. */
  tag: string;
  name: string;
  /** What a timer event waits for, as the model says it. */
  timer?: string;
  /** The name of the message or signal, as the model says it; it may be an expression. */
  message?: string;
  signal?: string;
  source?: string;
  target?: string;
  /** The activity at whose edge it stands. */
  attachedTo?: string;
  /** The sub-process around it. */
  inside?: string;
}

export interface Model {
  elements: Map<string, ModelElement>;
  hasDiagram: boolean;
}

const kids = (element: Element) => [...element.children];

/** Reads a model; one that cannot be read has no elements. */
export function readModel(xml: string, processId?: string): Model {
  const elements = new Map<string, ModelElement>();
  const document = new DOMParser().parseFromString(xml, "text/xml");
  const named = (local: string) =>
    new Map([...document.getElementsByTagNameNS("*", local)].map((one) => [one.getAttribute("id") ?? "", one.getAttribute("name") ?? ""]));
  const messages = named("message");
  const signals = named("signal");
  const walk = (scope: Element, inside?: string) => {
    for (const child of kids(scope)) {
      const id = child.getAttribute("id");
      if (!id || child.localName === "extensionElements") continue;
      elements.set(id, { ...readElement(child, id, messages, signals), inside });
      if (/subProcess|SubProcess|transaction/.test(child.localName)) walk(child, id);
    }
  };
  const processes = [...document.getElementsByTagNameNS("*", "process")];
  for (const process of processes) {
    if (!processId || process.getAttribute("id") === processId) walk(process);
  }
  return { elements, hasDiagram: document.getElementsByTagNameNS("*", "BPMNShape").length > 0 };
}

function readElement(child: Element, id: string, messages: Map<string, string>, signals: Map<string, string>): ModelElement {
  const own = (local: string) => kids(child).find((one) => one.localName === local);
  const timer = own("timerEventDefinition");
  const message = own("messageEventDefinition")?.getAttribute("messageRef") ?? child.getAttribute("messageRef");
  const signal = own("signalEventDefinition")?.getAttribute("signalRef");
  return {
    id,
    tag: child.localName,
    name: child.getAttribute("name") ?? "",
    timer: timer && (kids(timer)[0]?.textContent ?? "").trim(),
    message: message ? messages.get(message) : undefined,
    signal: signal ? signals.get(signal) : undefined,
    source: child.getAttribute("sourceRef") ?? undefined,
    target: child.getAttribute("targetRef") ?? undefined,
    attachedTo: child.getAttribute("attachedToRef") ?? undefined,
  };
}

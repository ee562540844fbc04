// Models that the pages are tried with, each with a diagram: drawn here from places, so that a test reads as what it shows.

const SIZES = { task: [100, 80], gateway: [50, 50], event: [36, 36] };
const kind = (tag) => (/Gateway$/.test(tag) ? "gateway" : /Event$/.test(tag) ? "event" : "task");
const escape = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** An element: its tag, id, name, where its middle is, and what it holds as XML. */
export const element = (tag, id, name, x, y, inner = "", attributes = "") => ({ tag, id, name, x, y, inner, attributes });
/** A sequence flow, with a condition if it has one. */
export const flow = (source, target, condition = "", name = "") => ({ source, target, condition, name });

const size = (it) => it.size ?? SIZES[kind(it.tag)];

/** A model as BPMN XML. A boundary event says `attachedTo`; it stands on the lower edge of its activity. */
export function model(id, name, elements, flows, extra = "", attributes = "") {
  const at = Object.fromEntries(elements.map((it) => [it.id, it]));
  const flowId = (it) => `${it.source}_to_${it.target}`;
  // The flows behind an event-based gateway are found by what it lists.
  const listed = (it) => it.tag === "eventBasedGateway" ? flows.filter((one) => one.source === it.id).map((one) => `<bpmn:outgoing>${flowId(one)}</bpmn:outgoing>`).join("") : "";
  const body = elements.map((it) => `<bpmn:${it.tag} id="${it.id}" name="${escape(it.name)}" ${it.attributes}>${it.inner}${listed(it)}</bpmn:${it.tag}>`);
  const lines = flows.map((it) => `<bpmn:sequenceFlow id="${flowId(it)}" name="${escape(it.name)}" sourceRef="${it.source}" targetRef="${it.target}">${
    it.condition ? `<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">${escape(it.condition)}</bpmn:conditionExpression>` : ""}</bpmn:sequenceFlow>`);
  const shapes = elements.map((it) => {
    const [width, height] = size(it);
    const label = kind(it.tag) === "task" ? "" : `<bpmndi:BPMNLabel><dc:Bounds x="${it.x - 45}" y="${it.y + height / 2 + 6}" width="90" height="27"/></bpmndi:BPMNLabel>`;
    return `<bpmndi:BPMNShape id="${it.id}_shape" bpmnElement="${it.id}"${it.tag === "subProcess" ? ' isExpanded="true"' : ""}><dc:Bounds x="${it.x - width / 2}" y="${it.y - height / 2}" width="${width}" height="${height}"/>${label}</bpmndi:BPMNShape>`;
  });
  const edges = [...flows, ...elements.flatMap((it) => it.inside?.flows ?? [])].map((it) => {
    const all = { ...at, ...Object.fromEntries(elements.flatMap((one) => (one.inside?.elements ?? []).map((inner) => [inner.id, inner]))) };
    const [from, to] = [all[it.source], all[it.target]];
    const [wide, tall] = size(from);
    const points = from.y === to.y
      ? [[from.x + wide / 2, from.y], [to.x - size(to)[0] / 2, to.y]]
      : from.tag === "boundaryEvent" || kind(from.tag) === "gateway"
        ? [[from.x, from.y + (to.y > from.y ? tall / 2 : -tall / 2)], [from.x, to.y], [to.x - size(to)[0] / 2, to.y]]
        : [[from.x + wide / 2, from.y], [to.x, from.y], [to.x, to.y + (from.y > to.y ? size(to)[1] / 2 : -size(to)[1] / 2)]];
    return `<bpmndi:BPMNEdge id="${flowId(it)}_edge" bpmnElement="${flowId(it)}">${points.map(([x, y]) => `<di:waypoint x="${x}" y="${y}"/>`).join("")}</bpmndi:BPMNEdge>`;
  });
  const inner = elements.flatMap((it) => it.inside?.elements ?? []).map((it) => {
    const [width, height] = size(it);
    return `<bpmndi:BPMNShape id="${it.id}_shape" bpmnElement="${it.id}"><dc:Bounds x="${it.x - width / 2}" y="${it.y - height / 2}" width="${width}" height="${height}"/></bpmndi:BPMNShape>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="definitions_${id}" targetNamespace="http://ringbolt.test">
<bpmn:process id="${id}" name="${escape(name)}" isExecutable="true" ${attributes}>
${body.join("\n")}
${lines.join("\n")}
</bpmn:process>
${extra}
<bpmndi:BPMNDiagram id="${id}_diagram"><bpmndi:BPMNPlane id="${id}_plane" bpmnElement="${id}">
${[...shapes, ...inner, ...edges].join("\n")}
</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>`;
}

/** Extension elements. */
export const extend = (inner) => `<bpmn:extensionElements>${inner}</bpmn:extensionElements>`;
/** A job worker task of a type. */
export const job = (type, more = "") => extend(`<zeebe:taskDefinition type="${type}" retries="3"/>${more}`);
const inside = (elements, flows) => ({
  elements,
  flows,
  xml: [...elements.map((it) => `<bpmn:${it.tag} id="${it.id}" name="${escape(it.name)}" ${it.attributes}>${it.inner}</bpmn:${it.tag}>`),
    ...flows.map((it) => `<bpmn:sequenceFlow id="${it.source}_to_${it.target}" sourceRef="${it.source}" targetRef="${it.target}"/>`)].join(""),
});

const timer = (duration) => `<bpmn:timerEventDefinition><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">${duration}</bpmn:timeDuration></bpmn:timerEventDefinition>`;

/** The process that most pages are shown with: it waits everywhere that something can wait. */
export function order() {
  const pack = inside(
    [element("startEvent", "pack_begin", "", 935, 200), element("serviceTask", "pack_item", "Pack item", 1035, 200, job("pack-item")), element("endEvent", "pack_end", "", 1135, 200)],
    [flow("pack_begin", "pack_item"), flow("pack_item", "pack_end")],
  );
  const loop = `<bpmn:multiInstanceLoopCharacteristics>${extend('<zeebe:loopCharacteristics inputCollection="=items" inputElement="item"/>')}</bpmn:multiInstanceLoopCharacteristics>`;
  return model("order", "Order to delivery", [
    element("startEvent", "received", "Order received", 160, 200),
    element("serviceTask", "check_stock", "Check stock", 270, 200, job("check-stock", '<zeebe:taskHeaders><zeebe:header key="warehouse" value="north"/></zeebe:taskHeaders>')),
    element("businessRuleTask", "rate", "Rate discount", 410, 200, extend('<zeebe:calledDecision decisionId="discount" resultVariable="discount"/>')),
    element("exclusiveGateway", "large", "Large order?", 525, 200, "", 'default="large_to_pay"'),
    element("userTask", "approve", "Approve order", 640, 90, extend('<zeebe:userTask/><zeebe:formDefinition formId="approval"/><zeebe:assignmentDefinition candidateGroups="sales"/><zeebe:priorityDefinition priority="70"/>')),
    element("boundaryEvent", "overdue", "Overdue", 660, 130, timer("PT48H"), 'attachedToRef="approve" cancelActivity="false"'),
    element("endEvent", "reminded", "Reminded", 760, 175),
    element("intermediateCatchEvent", "pay", "Payment received", 640, 290, '<bpmn:messageEventDefinition messageRef="message_paid"/>'),
    element("exclusiveGateway", "go_on", "", 800, 290),
    { ...element("subProcess", "packing", "Pack items", 1035, 200, pack.xml + loop), size: [280, 140], inside: pack },
    element("callActivity", "deliver", "Deliver", 1270, 200, extend('<zeebe:calledElement processId="delivery" propagateAllChildVariables="false"/>')),
    element("intermediateCatchEvent", "cool", "Return period", 1390, 200, timer("P14D")),
    element("endEvent", "done", "Order closed", 1490, 200),
  ], [
    flow("received", "check_stock"), flow("check_stock", "rate"), flow("rate", "large"), flow("large", "approve", "=amount > 1000", "yes"), flow("large", "pay", "", "no"),
    flow("overdue", "reminded"), flow("approve", "go_on"), flow("pay", "go_on"), flow("go_on", "packing"), flow("packing", "deliver"), flow("deliver", "cool"), flow("cool", "done"),
  ], `<bpmn:message id="message_paid" name="payment-received">${extend('<zeebe:subscription correlationKey="=orderId"/>')}</bpmn:message>`);
}

/** A task, and an event sub-process that a timer begins. */
export function rescued() {
  const rescue = inside([element("startEvent", "too_late", "Too late", 260, 300, timer("PT5H")), element("endEvent", "saved", "Saved", 360, 300)], [flow("too_late", "saved")]);
  return model("rescued", "Rescued", [
    element("startEvent", "begin", "", 160, 120),
    element("serviceTask", "work", "Work", 270, 120, job("rescued_work")),
    element("endEvent", "end", "", 390, 120),
    { ...element("subProcess", "rescue", "Rescue", 310, 300, rescue.xml, 'triggeredByEvent="true"'), size: [280, 140], inside: rescue },
  ], [flow("begin", "work"), flow("work", "end")]);
}

/** What an order calls. */
export function delivery() {
  return model("delivery", "Delivery", [
    element("startEvent", "begin", "", 160, 120),
    element("serviceTask", "ship", "Ship parcel", 270, 120, job("ship-parcel")),
    element("endEvent", "end", "Delivered", 390, 120),
  ], [flow("begin", "ship"), flow("ship", "end")]);
}

/** A process that fails in an expression, in a way that its variables can mend. */
export function invoice() {
  return model("invoice", "Invoice", [
    element("startEvent", "begin", "Invoice due", 160, 120),
    element("scriptTask", "total", "Compute total", 270, 120, extend('<zeebe:script expression="=if is defined(net) then net * 1.19 else assert(net, false, &quot;there is no net amount&quot;)" resultVariable="total"/>')),
    element("exclusiveGateway", "check", "Amount known?", 390, 120),
    element("userTask", "review", "Review invoice", 510, 120, extend("<zeebe:userTask/>")),
    element("endEvent", "end", "", 620, 120),
    element("endEvent", "none", "Nothing to pay", 510, 240),
  ], [flow("begin", "total"), flow("total", "check"), flow("check", "review", "=total > 0"), flow("check", "none", "=total <= 0"), flow("review", "end")]);
}

/** Everything that people are shown, hostile. */
export function hostile(id, name) {
  return model(id, name, [
    element("startEvent", "begin", "<script>alert(1)</script>", 160, 120),
    element("serviceTask", "work", "<img src=x onerror=alert(1)> a name that is much longer than the box in which it is drawn", 270, 120, job("<b>hostile</b>".replace(/[<>/]/g, "_"))),
    element("endEvent", "end", "\u202Egnol dna tfel ot thgir", 390, 120),
  ], [flow("begin", "work"), flow("work", "end")]);
}

/** A process without a diagram. */
export function undrawn() {
  return model("undrawn", "No diagram", [element("startEvent", "begin", `Begin \u202Ehere ${"x".repeat(500)}`, 0, 0), element("serviceTask", "work", "Do work", 0, 0, job("undrawn")), element("endEvent", "end", "", 0, 0)], [
    flow("begin", "work"), flow("work", "end")]).replace(/<bpmndi:BPMNDiagram[^]*<\/bpmndi:BPMNDiagram>/, "");
}

/** The form of the approval. */
export const approvalForm = JSON.stringify({
  id: "approval", type: "default", schemaVersion: 16,
  components: [
    { type: "text", text: "# Approve the order\nLook at the **amount** first.", id: "text_1" },
    { key: "amount", label: "Amount", type: "number", id: "amount", readonly: true },
    { key: "approved", label: "Approved", type: "checkbox", id: "approved" },
    { key: "comment", label: "Comment", type: "textarea", id: "comment", validate: { maxLength: 200 } },
    { key: "reason", label: "Reason", type: "textfield", id: "reason", validate: { required: true }, conditional: { hide: "=approved" } },
  ],
});

/** A process that starts with a form. */
export function request() {
  return model("request", "Request", [
    element("startEvent", "begin", "", 160, 120, extend('<zeebe:formDefinition formId="request"/>')),
    element("serviceTask", "work", "Work", 270, 120, job("request")),
    element("endEvent", "end", "", 390, 120),
  ], [flow("begin", "work"), flow("work", "end")]);
}

/** That form. */
export const requestForm = JSON.stringify({
  id: "request", type: "default", schemaVersion: 16,
  components: [{ key: "topic", label: "Topic", type: "textfield", id: "topic", validate: { required: true } }],
});

/** A form that tries whatever a form can hold. */
export const hostileForm = JSON.stringify({
  id: "hostile", type: "default", schemaVersion: 16,
  components: [
    { type: "text", id: "t", text: "[link](javascript:alert(11)) <img src=x onerror=alert(12)> <script>alert(13)</script> shown" },
    { type: "html", id: "h", content: '<p onclick="alert(14)">html <img src="x" onerror="alert(15)"><svg onload="alert(16)"></svg><a href="javascript:alert(17)">here</a><iframe src="javascript:alert(18)"></iframe></p>' },
    { type: "iframe", id: "f", label: "frame", url: "https://evil.example/frame" },
    { type: "image", id: "i", source: "https://evil.example/picture.png", alt: "picture" },
    { type: "textfield", id: "x", key: "label", label: "<b>label</b><script>alert(19)</script>" },
    { type: "textfield", id: "y", key: "answer", label: "Answer", defaultValue: "=1+" },
  ],
});

/** A process whose user task has that form. */
export function hostileTask() {
  return model("hostile_task", "Hostile task", [
    element("startEvent", "begin", "", 160, 120),
    element("userTask", "task", "Hostile form", 270, 120, extend('<zeebe:userTask/><zeebe:formDefinition formId="hostile"/>')),
    element("endEvent", "end", "", 390, 120),
  ], [flow("begin", "task"), flow("task", "end")]);
}

/** Decisions with a requirement between them. */
export const discountDecisions = `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" xmlns:di="http://www.omg.org/spec/DMN/20180521/DI/" id="pricing" name="Pricing" namespace="http://ringbolt.test">
<inputData id="amount_input" name="amount"/>
<decision id="discount" name="Discount"><informationRequirement id="r1"><requiredDecision href="#size"/></informationRequirement><informationRequirement id="r2"><requiredInput href="#amount_input"/></informationRequirement>
<decisionTable id="t1" hitPolicy="FIRST"><input id="i1" label="Size"><inputExpression id="e1" typeRef="string"><text>size</text></inputExpression></input><input id="i2" label="Amount"><inputExpression id="e2" typeRef="number"><text>amount</text></inputExpression></input><output id="o1" label="Discount" name="discount" typeRef="number"/>
<rule id="rule1"><description>Large orders of old customers</description><inputEntry id="c1"><text>"large"</text></inputEntry><inputEntry id="c2"><text>&gt;= 5000</text></inputEntry><outputEntry id="x1"><text>0.1</text></outputEntry></rule>
<rule id="rule2"><inputEntry id="c3"><text>"large"</text></inputEntry><inputEntry id="c4"><text></text></inputEntry><outputEntry id="x2"><text>0.05</text></outputEntry></rule>
<rule id="rule3"><inputEntry id="c5"><text></text></inputEntry><inputEntry id="c6"><text></text></inputEntry><outputEntry id="x3"><text>0</text></outputEntry></rule></decisionTable></decision>
<decision id="size" name="Size"><informationRequirement id="r3"><requiredInput href="#amount_input"/></informationRequirement><variable id="v1" name="size" typeRef="string"/><literalExpression id="l1"><text>if amount &gt; 1000 then "large" else "small"</text></literalExpression></decision>
<dmndi:DMNDI><dmndi:DMNDiagram id="d1"><dmndi:DMNShape id="s1" dmnElementRef="discount"><dc:Bounds height="80" width="180" x="260" y="80"/></dmndi:DMNShape><dmndi:DMNShape id="s2" dmnElementRef="size"><dc:Bounds height="80" width="180" x="160" y="240"/></dmndi:DMNShape><dmndi:DMNShape id="s3" dmnElementRef="amount_input"><dc:Bounds height="45" width="125" x="380" y="360"/></dmndi:DMNShape><dmndi:DMNEdge id="g1" dmnElementRef="r1"><di:waypoint x="250" y="240"/><di:waypoint x="330" y="160"/></dmndi:DMNEdge><dmndi:DMNEdge id="g2" dmnElementRef="r2"><di:waypoint x="443" y="360"/><di:waypoint x="370" y="160"/></dmndi:DMNEdge><dmndi:DMNEdge id="g3" dmnElementRef="r3"><di:waypoint x="420" y="360"/><di:waypoint x="270" y="320"/></dmndi:DMNEdge></dmndi:DMNDiagram></dmndi:DMNDI>
</definitions>`;

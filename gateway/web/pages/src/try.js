// Lists the operations of the description that this server gives, and sends requests to it.
"use strict";

const element = (name, attributes, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made[key] = value;
  made.append(...children);
  return made;
};

// A value that shows what a schema wants: required fields only, as deep as they go.
const sample = (schema, schemas, depth = 0) => {
  if (!schema || depth > 4) return null;
  if (schema.$ref) return sample(schemas[schema.$ref.split("/").pop()], schemas, depth);
  if (schema.allOf) return sample(schema.allOf[0], schemas, depth);
  if (schema.oneOf) return sample(schema.oneOf[0], schemas, depth);
  if (schema.enum) return schema.enum[0];
  switch (schema.type) {
    case "object":
      return Object.fromEntries((schema.required || []).map((name) => [name, sample(schema.properties[name], schemas, depth + 1)]));
    case "array": return [];
    case "integer": case "number": return schema.minimum || 1;
    case "boolean": return false;
    default: return "";
  }
};

const form = (path, method, operation, description) => {
  const inputs = operation.parameters.map((parameter) => ({ parameter, input: element("input", { type: "text" }) }));
  const content = operation.requestBody && operation.requestBody.content;
  const json = content && content["application/json"];
  const body = json && element("textarea", { spellcheck: false, value: JSON.stringify(sample(json.schema, description.components.schemas), null, 2) });
  const files = content && content["multipart/form-data"] && element("input", { type: "file", multiple: true });
  const result = element("pre", { hidden: true });
  const send = async () => {
    // From where this page stands, so that it works behind a proxy with a path of its own.
    let target = `..${description.servers[0].url}${path}`;
    const query = new URLSearchParams();
    for (const { parameter, input } of inputs) {
      if (parameter.in === "path") target = target.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
      else if (input.value) query.set(parameter.name, input.value);
    }
    const options = { method: method.toUpperCase(), headers: {} };
    if (body && body.value.trim()) {
      options.body = body.value;
      options.headers["content-type"] = "application/json";
    }
    if (files) {
      options.body = new FormData();
      for (const file of files.files) options.body.append(Object.keys(content["multipart/form-data"].schema.properties || { resources: 0 })[0], file, file.name);
    }
    result.hidden = false;
    result.textContent = "Waiting";
    try {
      const response = await fetch(target + (query.size ? `?${query}` : ""), options);
      const text = await response.text();
      let shown = text;
      try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* It is no JSON. */ }
      result.textContent = `${response.status} ${response.statusText}\n${shown}`;
    } catch (error) {
      result.textContent = String(error);
    }
  };
  const parts = inputs.map(({ parameter, input }) => element("label", {}, element("span", {}, parameter.name + (parameter.required ? " *" : "")), input));
  if (body) parts.push(element("label", {}, "Body", body));
  if (files) parts.push(element("label", {}, element("span", {}, "Files"), files));
  return [...parts, element("button", { type: "button", onclick: send }, "Send"), result];
};

const show = (description) => {
  const byTag = new Map();
  for (const [path, methods] of Object.entries(description.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const later = operation["x-not-implemented"];
      const title = element("summary", {}, element("b", {}, method.toUpperCase()), element("code", {}, path), operation.summary + (later ? " (later)" : ""));
      const block = element("details", { className: later ? "later" : "" }, title);
      block.dataset.text = `${method} ${path} ${operation.operationId} ${operation.summary}`.toLowerCase();
      block.addEventListener("toggle", () => {
        if (block.open && block.childElementCount === 1) block.append(...form(path, method, operation, description));
      });
      byTag.set(operation.tags[0], [...(byTag.get(operation.tags[0]) || []), block]);
    }
  }
  const groups = [...byTag].sort(([a], [b]) => a.localeCompare(b)).map(([tag, blocks]) => element("section", {}, element("h2", {}, tag), ...blocks));
  document.getElementById("operations").replaceChildren(...groups);
  document.getElementById("filter").addEventListener("input", (event) => {
    const wanted = event.target.value.toLowerCase();
    for (const group of groups) {
      let any = false;
      for (const block of group.querySelectorAll("details")) {
        block.hidden = !block.dataset.text.includes(wanted);
        any = any || !block.hidden;
      }
      group.hidden = !any;
    }
  });
};

fetch("../openapi.json").then((response) => response.json()).then(show, (error) => {
  document.getElementById("operations").textContent = String(error);
});

// What a form needs, in a file of its own: it is loaded when one is shown.
export { Form } from "@bpmn-io/form-js-viewer";

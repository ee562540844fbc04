// Where the pages begin.

import { render } from "preact";
import { App } from "./app";

// Their addresses are relative to where the page was loaded; the address changes as people go on.
for (const link of document.querySelectorAll<HTMLLinkElement>("link[href]")) link.href = link.href;

const at = document.getElementById("app");
if (at) {
  at.replaceChildren();
  render(<App />, at);
}

// Where the pages begin.

import { render } from "preact";
import { App } from "./app";

const at = document.getElementById("app");
if (at) {
  at.replaceChildren();
  render(<App />, at);
}

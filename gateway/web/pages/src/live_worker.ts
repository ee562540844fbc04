// What the tabs of a browser share: one stream of what changes.

import { Streams, type Said, type Wish } from "./live_stream";

/** A tab that has not said anything for so long is gone, ms. */
const GONE = 90_000;

const ports = new Map<MessagePort, number>();
const streams = new Streams(new URL("../", import.meta.url).href, (said) => ports.forEach((_, port) => port.postMessage(said)));

addEventListener("connect", (event) => {
  const port = (event as MessageEvent).ports[0];
  if (!port) return;
  ports.set(port, Date.now());
  port.onmessage = ({ data }: MessageEvent<Wish | "here">) => {
    ports.set(port, Date.now());
    if (data !== "here") streams.set(port, data);
  };
  const said: Said = { kind: "open", instances: [], anything: false };
  if (streams.opened) port.postMessage(said);
});

setInterval(() => {
  for (const [port, seen] of ports) {
    if (Date.now() < seen + GONE) continue;
    ports.delete(port);
    streams.set(port);
  }
}, GONE / 3);

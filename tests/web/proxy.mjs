// A proxy before a server, with a path of its own, that can go away and come back.
import { createServer, request as ask } from "node:http";

/** A proxy; `url` is where it is. */
export async function proxyOf(base, prefix = "") {
  const begin = async (port) => {
    const server = createServer((request, response) => {
      if (!request.url.startsWith(prefix)) return response.writeHead(404).end();
      const headers = { ...request.headers, host: new URL(base).host };
      if (headers.origin) headers.origin = base;
      const on = ask(new URL(request.url.slice(prefix.length), base), { method: request.method, headers }, (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      });
      on.on("error", () => response.destroy());
      // Who does not listen any more asks for nothing.
      response.on("close", () => on.destroy());
      request.pipe(on);
    });
    await new Promise((then) => server.listen(port, "127.0.0.1", then));
    return server;
  };
  let server = await begin(0);
  const { port } = server.address();
  const away = async () => {
    server.closeAllConnections();
    await new Promise((then) => server.close(then));
  };
  return { url: `http://127.0.0.1:${port}${prefix}`, away, back: async () => void (server = await begin(port)) };
}

// What all pages have in common: where one can go, how the server is, and the page itself.

import { useEffect, useErrorBoundary, useState } from "preact/hooks";
import { current, onRoute, to, type Route } from "./route";
import { isReadOnly, lookForOther, onLink, root, type Link } from "./server";
import { isKey, NotThere } from "./parts/basics";
import { Find } from "./parts/find";
import { BatchesPage, BatchPage } from "./pages/batches";
import { DecisionInstancePage } from "./pages/decision_instance";
import { DecisionPage } from "./pages/decision";
import { DecisionsPage } from "./pages/decisions";
import { DefinitionPage } from "./pages/definition";
import { DefinitionsPage } from "./pages/definitions";
import { InstancePage } from "./pages/instance";
import { InstancesPage } from "./pages/instances";
import { MessagesPage } from "./pages/messages";
import { OverviewPage } from "./pages/overview";
import { PlaygroundPage } from "./pages/playground";
import { TasksPage } from "./pages/tasks";

/** How often it is asked whether the server has other pages by now, ms. */
const LOOK_EVERY = 15_000;

const PLACES: [string, string][] = [
  ["", "Overview"],
  ["instances", "Instances"],
  ["tasks", "Tasks"],
  ["definitions", "Definitions"],
  ["decisions", "Decisions"],
  ["messages", "Messages"],
  ["batches", "Batches"],
  ["playground", "Playground"],
];

export function App() {
  const [route, setRoute] = useState(current);
  useEffect(() => onRoute(() => setRoute(current())), []);
  const place = PLACES.find(([page]) => page === route.page || (route.page === "decision-instances" && page === "decisions"));
  useEffect(() => {
    document.title = `${place?.[1] ?? "No such page"}${route.key ? ` ${route.key}` : ""} – Ringbolt`;
    // On a phone not all of them are in sight.
    document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [route.page, route.key]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <header class="bar">
        <a class="brand" href={to("")} aria-label="Ringbolt, overview">
          <svg viewBox="0 0 32 32" width="20" height="20" aria-hidden="true">
            <circle cx="16" cy="19" r="9" fill="none" stroke="currentColor" stroke-width="4" />
            <path d="M16 2v9" stroke="currentColor" stroke-width="6" stroke-linecap="round" />
          </svg>
          <span>Ringbolt</span>
        </a>
        <nav aria-label="Pages of Ringbolt">
          {PLACES.map(([page, title]) => (
            <a key={page} href={to(page)} aria-current={place?.[0] === page ? "page" : undefined}>
              {title}
            </a>
          ))}
        </nav>
        <Find />
      </header>
      <Banner />
      <main id="main" tabIndex={-1}>
        <Shown key={`${route.page}/${route.key}`} route={route} />
      </main>
      <footer class="foot">
        {isReadOnly && <span>These pages only show. </span>}
        <a href={new URL("swagger/", root).pathname}>REST API</a>
        <a href={new URL(`assets/${LICENSES}`, root).pathname}>Licenses</a>
      </footer>
    </>
  );
}

/** The page of a route. What goes wrong in it is said there, and the way to other pages stays. */
function Shown({ route }: { route: Route }) {
  const [error] = useErrorBoundary((error) => console.error(error));
  if (error) {
    return (
      <div class="trouble" role="alert">
        <p>This page has an error: {String(error).slice(0, 300)}</p>
        <button type="button" onClick={() => location.reload()}>
          Reload
        </button>
      </div>
    );
  }
  return page(route);
}

/** Pages of one thing: what it is, what its keys look like, and where all are. */
const KEYED: Record<string, { what: string; isKey: (key: string) => boolean; all: [string, string] }> = {
  instances: { what: "instance", isKey, all: ["instances", "All instances"] },
  definitions: { what: "definition", isKey, all: ["definitions", "All definitions"] },
  decisions: { what: "decision", isKey, all: ["decisions", "All decisions"] },
  "decision-instances": { what: "evaluated decision", isKey: (key) => isKey(key.split("-", 1)[0] ?? "") && /^\d+(-\d+)?$/.test(key), all: ["decisions", "All decisions"] },
  batches: { what: "batch operation", isKey, all: ["batches", "All batch operations"] },
};

function page({ page, key, query }: Route) {
  const keyed = KEYED[page];
  if (keyed && key && !keyed.isKey(key)) return <NotThere what={keyed.what} id={key} all={[to(keyed.all[0]), keyed.all[1]]} />;
  switch (page) {
    case "":
      return <OverviewPage />;
    case "instances":
      return key ? <InstancePage id={key} /> : <InstancesPage query={query} />;
    case "tasks":
      return <TasksPage id={key} query={query} />;
    case "definitions":
      return key ? <DefinitionPage id={key} /> : <DefinitionsPage />;
    case "decisions":
      return key ? <DecisionPage id={key} /> : <DecisionsPage />;
    case "decision-instances":
      return key ? <DecisionInstancePage id={key} /> : <DecisionsPage />;
    case "batches":
      return key ? <BatchPage id={key} /> : <BatchesPage query={query} />;
    case "messages":
      return <MessagesPage query={query} />;
    case "playground":
      return <PlaygroundPage />;
    default:
      return (
        <article>
          <h1>No such page</h1>
          <p>Nothing is at this address. These are the pages:</p>
          <ul class="plainly">
            {PLACES.map(([page, title]) => (
              <li key={page}>
                <a href={to(page)}>{title}</a>
              </li>
            ))}
          </ul>
        </article>
      );
  }
}

/** Says it when the server does not answer, or has other pages by now. */
function Banner() {
  const [link, setLink] = useState<Link>("ok");
  useEffect(() => onLink(setLink), []);
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && void lookForOther(), link === "away" ? 2000 : LOOK_EVERY);
    return () => clearInterval(timer);
  }, [link]);
  if (link === "ok") return null;
  return (
    <div class={`banner ${link}`} role="alert">
      {link === "away" ? (
        "The server does not answer. What you see may be old; it is asked again every few seconds."
      ) : (
        <>
          The server has other pages by now.{" "}
          <button type="button" onClick={() => location.reload()}>
            Reload
          </button>
        </>
      )}
    </div>
  );
}

// What is deployed: processes by name, and files that are dropped here are deployed.

import { useRef, useState } from "preact/hooks";
import { SELDOM, useLoad } from "../load";
import { to } from "../route";
import { ask, isReadOnly, post, search, type Page } from "../server";
import { cut, number, plain, plural } from "../text";
import type { Definition } from "../things";
import { Empty, Loading, Trouble, whyNot } from "../parts/basics";
import { Table, total } from "../parts/table";

const LIMIT = 1000;

interface ByProcess {
  processDefinitionId: string;
  activeInstancesWithoutIncidentCount: number;
  activeInstancesWithIncidentCount: number;
}

export function DefinitionsPage() {
  const [text, setText] = useState("");
  const { data, error, reload } = useLoad<Page<Definition>>((signal) => search("process-definitions", { filter: { isLatestVersion: true }, sort: [{ field: "name", order: "ASC" }], page: { limit: LIMIT } }, { signal }), ["definitions"], SELDOM);
  const counts = useLoad((signal) => post<Page<ByProcess>>("v2/process-definitions/statistics/process-instances", { page: { limit: LIMIT } }, { signal }), ["counts"], SELDOM);
  const of = new Map(counts.data?.items.map((row) => [row.processDefinitionId, row]));
  const wanted = text.toLowerCase();
  const rows = data?.items.filter((row) => `${row.name} ${row.processDefinitionId} ${row.resourceName}`.toLowerCase().includes(wanted)) ?? [];
  return (
    <article>
      <header class="head">
        <h1>Definitions {data && <span class="count">{total(data.page)}</span>}</h1>
        <input type="search" aria-label="Filter definitions" placeholder="Filter" value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </header>
      {!isReadOnly && <Deploy done={() => { reload(); counts.reload(); }} />}
      {error && !data && <Trouble problem={error} retry={reload} />}
      {!data && !error && <Loading />}
      {data && rows.length === 0 && <Empty>{data.items.length ? "None is called so." : "Nothing is deployed yet."}</Empty>}
      {rows.length > 0 && (
        <Table
          label="Definitions"
          rows={rows}
          keyOf={(row) => row.processDefinitionKey}
          columns={[
            { title: "Process", kind: "wide", show: (row) => <a href={to("definitions", row.processDefinitionKey)}><bdi>{plain(cut(row.name || row.processDefinitionId, 80))}</bdi>{row.state && row.state !== "ACTIVE" && <span class="faint"> deleted</span>}</a> },
            { title: "Id", kind: "minor", show: (row) => <bdi class="faint">{plain(cut(row.processDefinitionId, 60))}</bdi> },
            { title: "Version", kind: "number", show: (row) => row.version },
            { title: "Tag", kind: "minor", show: (row) => (row.versionTag ? plain(cut(row.versionTag, 30)) : <span class="faint">–</span>) },
            { title: "Running", kind: "number", show: (row) => { const count = of.get(row.processDefinitionId); return number((count?.activeInstancesWithIncidentCount ?? 0) + (count?.activeInstancesWithoutIncidentCount ?? 0)); } },
            { title: "Incidents", kind: "number", show: (row) => { const count = of.get(row.processDefinitionId)?.activeInstancesWithIncidentCount ?? 0; return count ? <a class="failed" href={to("instances", "", { process: row.processDefinitionId, state: "incident" })}>{number(count)}</a> : <span class="faint">0</span>; } },
            { title: "File", kind: "minor", show: (row) => <bdi class="faint">{plain(cut(row.resourceName, 50))}</bdi> },
          ]}
        />
      )}
    </article>
  );
}

interface Deployed {
  deployments: {
    processDefinition?: { processDefinitionId: string; processDefinitionKey: string; processDefinitionVersion: number };
    decisionDefinition?: { decisionDefinitionId: string; decisionDefinitionKey: string; version: number };
    form?: { formId: string; version: number };
    resource?: { resourceId: string; version: number };
  }[];
}

/** Deploys files that are dropped or picked, all of them in one step. */
export function Deploy({ done }: { done: () => void }) {
  const [state, setState] = useState<{ kind: "idle" | "over" | "busy" } | { kind: "done"; result: Deployed } | { kind: "failed"; text: string }>({ kind: "idle" });
  const field = useRef<HTMLInputElement>(null);
  const deploy = async (files: FileList | null | undefined) => {
    if (!files?.length) return setState({ kind: "idle" });
    setState({ kind: "busy" });
    const form = new FormData();
    for (const file of files) form.append("resources", file, file.name);
    try {
      setState({ kind: "done", result: await ask<Deployed>("POST", "v2/deployments", form) });
      done();
    } catch (error) {
      setState({ kind: "failed", text: whyNot(error) });
    }
    if (field.current) field.current.value = "";
  };
  return (
    <div
      class={`drop ${state.kind}`}
      onDragOver={(event) => { event.preventDefault(); if (state.kind !== "over") setState({ kind: "over" }); }}
      onDragLeave={() => setState({ kind: "idle" })}
      onDrop={(event) => { event.preventDefault(); void deploy(event.dataTransfer?.files); }}
    >
      <p>
        Drop processes, decisions and forms here to deploy them, or{" "}
        <button type="button" onClick={() => field.current?.click()} disabled={state.kind === "busy"}>
          {state.kind === "busy" ? "Deploying" : "pick files"}
        </button>
        <input ref={field} type="file" multiple hidden accept=".bpmn,.dmn,.form,.xml,.rpa,.json,.txt" onChange={(event) => void deploy(event.currentTarget.files)} aria-label="Files to deploy" />
      </p>
      {state.kind === "done" && (
        <div role="status">
          <p>{plural(state.result.deployments.length, "thing")} deployed:</p>
          <ul>
            {state.result.deployments.map(({ processDefinition: process, decisionDefinition: decision, form, resource }) => (
              <>
                {process && <li><a href={to("definitions", process.processDefinitionKey)}>{plain(cut(process.processDefinitionId, 80))}</a> version {process.processDefinitionVersion}</li>}
                {decision && <li><a href={to("decisions", decision.decisionDefinitionKey)}>{plain(cut(decision.decisionDefinitionId, 80))}</a> version {decision.version}</li>}
                {form && <li>form {plain(cut(form.formId, 80))} version {form.version}</li>}
                {resource && <li>{plain(cut(resource.resourceId, 80))} version {resource.version}</li>}
              </>
            ))}
          </ul>
        </div>
      )}
      {state.kind === "failed" && <pre class="trouble" role="alert">{state.text}</pre>}
    </div>
  );
}

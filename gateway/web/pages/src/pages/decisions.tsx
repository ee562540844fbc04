// Decisions that are deployed, and those that were evaluated last.

import { SELDOM, useLoad } from "../load";
import { to } from "../route";
import { search, type Page } from "../server";
import { cut, plain } from "../text";
import type { Decision, DecisionInstance } from "../things";
import { Empty, Loading, Panel, State, Time, Trouble, Words } from "../parts/basics";
import { Table, total } from "../parts/table";

export function DecisionsPage() {
  const { data, error, reload } = useLoad<Page<Decision>>((signal) => search("decision-definitions", { filter: { isLatestVersion: true }, sort: [{ field: "name", order: "ASC" }], page: { limit: 1000 } }, { signal }), ["decisions"], SELDOM);
  const last = useLoad<Page<DecisionInstance>>((signal) => search("decision-instances", { sort: [{ field: "evaluationDate", order: "DESC" }], page: { limit: 50 } }, { signal }), ["evaluated"], SELDOM);
  if (error && !data) return <Trouble problem={error} retry={reload} />;
  if (!data) return <Loading />;
  return (
    <article>
      <header class="head">
        <h1>Decisions <span class="count">{total(data.page)}</span></h1>
      </header>
      {data.items.length === 0 ? (
        <Empty>No decision is deployed. Files that end in .dmn are deployed with <a href={to("definitions")}>processes</a>.</Empty>
      ) : (
        <Table
          label="Decisions"
          rows={data.items}
          keyOf={(row) => row.decisionDefinitionKey}
          columns={[
            { title: "Decision", kind: "wide", show: (row) => <a href={to("decisions", row.decisionDefinitionKey)}><bdi>{plain(cut(row.name || row.decisionDefinitionId, 80))}</bdi></a> },
            { title: "Id", kind: "minor", show: (row) => <bdi class="faint">{plain(cut(row.decisionDefinitionId, 60))}</bdi> },
            { title: "Version", kind: "number", show: (row) => row.version },
            { title: "Model", kind: "minor", show: (row) => <bdi>{plain(cut(row.decisionRequirementsName || row.decisionRequirementsId, 60))}</bdi> },
          ]}
        />
      )}
      <Panel title="Evaluated last" count={last.data ? total(last.data.page) : undefined}>
        {last.data?.items.length === 0 && <Empty>None was evaluated yet.</Empty>}
        {!!last.data?.items.length && (
          <Table
            label="Evaluated last"
            rows={last.data.items}
            keyOf={(row) => row.decisionEvaluationInstanceKey}
            columns={[
              { title: "Decision", show: (row) => <a href={to("decision-instances", row.decisionEvaluationInstanceKey)}><bdi>{plain(cut(row.decisionDefinitionName || row.decisionDefinitionId, 60))}</bdi> <span class="version">v{row.decisionDefinitionVersion}</span></a> },
              { title: "State", show: (row) => <State state={row.state} /> },
              { title: "Result", kind: "wide", show: (row) => <Words text={row.evaluationFailure || row.result} most={120} /> },
              { title: "Instance", kind: "minor", show: (row) => (row.processInstanceKey && row.processInstanceKey !== "-1" ? <a class="key" href={to("instances", row.processInstanceKey)}>{row.processInstanceKey}</a> : <span class="faint">–</span>) },
              { title: "At", show: (row) => <Time at={row.evaluationDate} /> },
            ]}
          />
        )}
      </Panel>
    </article>
  );
}

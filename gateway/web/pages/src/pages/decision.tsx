// One version of a decision: its table, what it needs, and a try.

import { useMemo, useState } from "preact/hooks";
import { graphOf, logicOf, readDmn } from "../dmn";
import { useLoad } from "../load";
import { go, to } from "../route";
import { ask, get, isReadOnly, search } from "../server";
import { cut, plain } from "../text";
import type { Decision } from "../things";
import { Facts, Key, Loading, NotThere, Panel, Trouble, whyNot } from "../parts/basics";
import { GraphOf, LogicOf } from "../parts/decision";
import { Json, JsonField, wrong } from "../parts/json";

export function DecisionPage({ id }: { id: string }) {
  const { data, error, reload } = useLoad((signal) => get<Decision>(`v2/decision-definitions/${id}`, { signal }), [id]);
  const xml = useLoad((signal) => get<string>(`v2/decision-definitions/${id}/xml`, { signal, text: true }), [id, "xml"]);
  const of = data?.decisionDefinitionId;
  const versions = useLoad(async (signal) => (of ? (await search<Decision>("decision-definitions", { filter: { decisionDefinitionId: of }, sort: [{ field: "version", order: "DESC" }], page: { limit: 500 } }, { signal })).items : []), [of]);
  const model = data?.decisionRequirementsKey;
  const siblings = useLoad(async (signal) => (model ? (await search<Decision>("decision-definitions", { filter: { decisionRequirementsKey: model }, page: { limit: 500 } }, { signal })).items : []), [model]);
  const document = useMemo(() => (xml.data ? readDmn(xml.data) : undefined), [xml.data]);
  const [matched, setMatched] = useState<Set<number>>();
  if (error && !data) return error.status === 404 ? <NotThere what="decision" id={id} all={[to("decisions"), "All decisions"]} /> : <Trouble problem={error} retry={reload} />;
  if (!data) return <Loading />;
  const graph = document && graphOf(document);
  return (
    <article>
      <header class="head">
        <h1>
          <bdi>{plain(cut(data.name || data.decisionDefinitionId, 120))}</bdi>{" "}
          <select aria-label="Version" value={id} onChange={(event) => go(to("decisions", event.currentTarget.value))}>
            {(versions.data?.length ? versions.data : [data]).map((one) => (
              <option value={one.decisionDefinitionKey}>v{one.version}</option>
            ))}
          </select>
        </h1>
        <Facts of={[["Id", <bdi>{plain(cut(data.decisionDefinitionId, 80))}</bdi>], ["Key", <Key value={data.decisionDefinitionKey} />], ["Model", <bdi>{plain(cut(data.decisionRequirementsName || data.decisionRequirementsId, 80))}</bdi>]]} />
      </header>
      {document && <LogicOf logic={logicOf(document, data.decisionDefinitionId)} matched={matched} />}
      {xml.error && <Trouble problem={xml.error} retry={xml.reload} />}
      <div class="halves even">
        {!isReadOnly && <Try decision={data} onMatched={setMatched} />}
        {graph && (
          <Panel title="What it needs">
            <div class="scroll" tabIndex={0} role="group" aria-label="Graph">
              <GraphOf graph={graph} decisions={siblings.data ?? []} current={data.decisionDefinitionId} />
            </div>
          </Panel>
        )}
      </div>
    </article>
  );
}

interface Evaluated {
  output: string;
  failureMessage: string | null;
  failedDecisionDefinitionId: string | null;
  evaluatedDecisions: { decisionDefinitionId: string; decisionDefinitionName: string; output: string; matchedRules: { ruleIndex: number }[]; evaluatedInputs: { inputId: string; inputName: string; inputValue: string }[] }[];
}

function Try({ decision, onMatched }: { decision: Decision; onMatched: (rules: Set<number>) => void }) {
  const [text, setText] = useState("{\n  \n}");
  const [result, setResult] = useState<Evaluated>();
  const [said, setSaid] = useState("");
  const run = async (event: Event) => {
    event.preventDefault();
    setSaid("");
    try {
      const raw = `{"decisionDefinitionKey":${JSON.stringify(decision.decisionDefinitionKey)},"variables":${text.trim() || "{}"}}`;
      const evaluated = await ask<Evaluated>("POST", "v2/decision-definitions/evaluation", undefined, { raw });
      setResult(evaluated);
      const own = evaluated.evaluatedDecisions.find((one) => one.decisionDefinitionId === decision.decisionDefinitionId);
      onMatched(new Set(own?.matchedRules.map((rule) => rule.ruleIndex)));
    } catch (error) {
      setSaid(whyNot(error));
    }
  };
  return (
    <Panel title="Try it">
      <form onSubmit={run} class="inset">
        <JsonField label="Variables, as a JSON object" rows={6} value={text} onInput={setText} />
        <p class="actions">
          <button type="submit" class="primary" disabled={!!text.trim() && !!wrong(text, "object")}>
            Evaluate
          </button>
        </p>
        {said && <p class="trouble" role="alert">{said}</p>}
        {result && (
          <output>
            {result.failureMessage ? <p class="trouble">{plain(cut(result.failureMessage, 1000))}</p> : <p>Result: <Json text={result.output} /></p>}
            <ul class="lines">
              {result.evaluatedDecisions.map((one) => (
                <li>
                  <b>{plain(cut(one.decisionDefinitionName || one.decisionDefinitionId, 60))}</b> <Json text={one.output} />
                  {one.matchedRules.length > 0 && <span class="faint"> by rule {one.matchedRules.map((rule) => rule.ruleIndex).join(", ")}</span>}
                </li>
              ))}
            </ul>
          </output>
        )}
      </form>
    </Panel>
  );
}

// A decision that was evaluated: what went in, which rules matched, what came out.

import { useMemo } from "preact/hooks";
import { logicOf, readDmn } from "../dmn";
import { useLoad } from "../load";
import { to } from "../route";
import { get } from "../server";
import { cut, plain } from "../text";
import type { DecisionInstance } from "../things";
import { Facts, Key, Loading, NotThere, Panel, State, Time, Trouble, Words } from "../parts/basics";
import { LogicOf } from "../parts/decision";
import { Json } from "../parts/json";

export function DecisionInstancePage({ id }: { id: string }) {
  const { data, error, reload } = useLoad((signal) => get<DecisionInstance>(`v2/decision-instances/${encodeURIComponent(id)}`, { signal }), [id]);
  const key = data?.decisionDefinitionKey;
  const xml = useLoad(async (signal) => (key ? get<string>(`v2/decision-definitions/${key}/xml`, { signal, text: true }) : ""), [key]);
  const document = useMemo(() => (xml.data ? readDmn(xml.data) : undefined), [xml.data]);
  if (error && !data) return error.status === 404 ? <NotThere what="evaluated decision" id={id} all={[to("decisions"), "All decisions"]} /> : <Trouble problem={error} retry={reload} />;
  if (!data) return <Loading />;
  const values = new Map(data.evaluatedInputs?.map((input) => [input.inputId, input.inputValue]));
  return (
    <article>
      <header class="head">
        <h1>
          <a href={to("decisions", data.decisionDefinitionKey)}><bdi>{plain(cut(data.decisionDefinitionName || data.decisionDefinitionId, 120))}</bdi></a> <span class="version">v{data.decisionDefinitionVersion}</span> <State state={data.state} />
        </h1>
        <Facts
          of={[
            ["Key", <Key value={data.decisionEvaluationInstanceKey} />],
            ["Evaluated", <Time at={data.evaluationDate} />],
            ...(data.processInstanceKey && data.processInstanceKey !== "-1" ? ([["Instance", <a href={to("instances", data.processInstanceKey)}>{data.processInstanceKey}</a>]] as [string, preact.ComponentChild][]) : []),
          ]}
        />
      </header>
      <section class={`sentence ${data.evaluationFailure ? "failed" : "ended"}`}>
        {data.evaluationFailure ? <p>Failed: <Words text={data.evaluationFailure} most={400} /></p> : <p>Result: <Json text={data.result} /></p>}
      </section>
      {document && <LogicOf logic={logicOf(document, data.decisionDefinitionId)} matched={new Set(data.matchedRules?.map((rule) => rule.ruleIndex))} values={values} />}
      {!!data.matchedRules?.length && (
        <Panel title="What came out">
          <ul class="lines">
            {data.matchedRules.map((rule) => (
              <li>
                Rule {rule.ruleIndex}: {rule.evaluatedOutputs.map((output) => (<><b>{plain(cut(output.outputName, 60))}</b> <Json text={output.outputValue} /> </>))}
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </article>
  );
}

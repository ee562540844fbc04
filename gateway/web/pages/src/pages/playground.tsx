// Expressions with variables, evaluated by the engine's own evaluator; warnings are shown.

import { useState } from "preact/hooks";
import { ask } from "../server";
import { cut, indented, plain } from "../text";
import { Panel, whyNot } from "../parts/basics";
import { JsonField, wrong } from "../parts/json";

interface Evaluated {
  result: unknown;
  warnings: { message?: string }[] | string[];
}

const EXAMPLES: [string, string][] = [
  ["sum(for item in items return item.price * item.count)", '{"items": [{"price": 2.50, "count": 4}, {"price": 10, "count": 1}]}'],
  ["items[price > 5].price", '{"items": [{"price": 2.50}, {"price": 10}]}'],
  ['date and time("2026-12-24T18:00:00") - duration("P1W")', "{}"],
  ['if customer.city = "Kiel" then "near" else "far"', '{"customer": {"city": "Kiel"}}'],
];

export function PlaygroundPage() {
  const [expression, setExpression] = useState(EXAMPLES[0]![0]);
  const [variables, setVariables] = useState(EXAMPLES[0]![1]);
  const [isTest, setTest] = useState(false);
  const [input, setInput] = useState("7");
  const [result, setResult] = useState<{ text: string; warnings: string[] }>();
  const [said, setSaid] = useState("");
  const run = async (event?: Event) => {
    event?.preventDefault();
    setSaid("");
    setResult(undefined);
    try {
      // A unary test is what stands in a cell of a decision table: it is asked of the value beside it.
      const asked = isTest ? `=(${input}) in (${expression})` : `=${expression.replace(/^\s*=/, "")}`;
      const raw = `{"expression":${JSON.stringify(asked)},"variables":${variables.trim() || "{}"}}`;
      const text = await ask<string>("POST", "v2/expression/evaluation", undefined, { raw, text: true });
      const { warnings } = JSON.parse(text) as Evaluated;
      setResult({ text: indented(member(text, "result")), warnings: warnings.map((one) => (typeof one === "string" ? one : (one.message ?? JSON.stringify(one)))) });
    } catch (error) {
      setSaid(whyNot(error));
    }
  };
  const enter = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void run(event);
  };
  return (
    <article>
      <header class="head">
        <h1>Playground</h1>
      </header>
      <form onSubmit={run} onKeyDown={enter} class="halves even">
        <Panel
          title={isTest ? "Unary test" : "FEEL expression"}
          tools={
            <div class="choice" role="group" aria-label="What is evaluated">
              <button type="button" aria-pressed={!isTest} onClick={() => setTest(false)}>Expression</button>
              <button type="button" aria-pressed={isTest} onClick={() => setTest(true)}>Unary test</button>
            </div>
          }
        >
          <div class="inset">
            {isTest && (
              <label class="field"><span>Value that is tested</span><input class="code" value={input} onInput={(event) => setInput(event.currentTarget.value)} /></label>
            )}
            <label class="field">
              <span>{isTest ? "Test, as in a cell: > 5, [1..10], \"a\", \"b\"" : "Expression"}</span>
              <textarea rows={6} spellcheck={false} dir="ltr" value={expression} onInput={(event) => setExpression(event.currentTarget.value)} />
            </label>
            <JsonField label="Variables" rows={6} value={variables} onInput={setVariables} />
            <p class="actions">
              <button type="submit" class="primary" disabled={!expression.trim() || (!!variables.trim() && !!wrong(variables, "object"))} title="Ctrl+Enter">Evaluate</button>
            </p>
          </div>
        </Panel>
        <Panel title="Result">
          <output class="inset result" aria-live="polite">
            {said && <p class="trouble" role="alert">{said}</p>}
            {result && <pre class="feel">{plain(cut(result.text, 200_000))}</pre>}
            {result?.warnings.map((warning) => <p class="warning">{plain(cut(warning, 1000))}</p>)}
            {!said && !result && <p class="faint">Nothing was evaluated yet. It leaves no trace in the engine.</p>}
          </output>
          <div class="inset">
            <h3>Examples</h3>
            <ul class="lines">
              {EXAMPLES.map(([text, given]) => (
                <li><button type="button" class="more code" onClick={() => { setTest(false); setExpression(text); setVariables(given); }}>{text}</button></li>
              ))}
            </ul>
          </div>
        </Panel>
      </form>
    </article>
  );
}

/** A member of an object as it was written: its numbers keep their digits. */
function member(json: string, name: string): string {
  const start = json.indexOf(`"${name}":`) + name.length + 3;
  let depth = 0;
  let inText = false;
  for (let at = start; at < json.length; at++) {
    const char = json[at]!;
    if (inText) {
      if (char === "\\") at++;
      else if (char === '"') inText = false;
    } else if (char === '"') inText = true;
    else if (char === "{" || char === "[") depth++;
    else if (char === "}" || char === "]" || char === ",") {
      if (depth === 0) return json.slice(start, at);
      if (char !== ",") depth--;
    }
  }
  return json.slice(start);
}

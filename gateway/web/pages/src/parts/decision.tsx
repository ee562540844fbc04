// Decisions as people draw them: tables, expressions, and the graph of what needs what.

import { to } from "../route";
import { cut, plain } from "../text";
import type { Decision } from "../things";
import type { Graph, Logic } from "../dmn";

interface LogicProps {
  logic: Logic | undefined;
  /** Rules that matched, from 1 on. */
  matched?: Set<number>;
  /** Values of inputs, by id. */
  values?: Map<string, string>;
}

export function LogicOf({ logic, matched, values }: LogicProps) {
  if (!logic) return <p class="empty">The decision is not in its model.</p>;
  if (logic.kind === "expression") return <pre class="feel">{plain(logic.text) || " "}</pre>;
  if (logic.kind === "other") return <p class="empty">The decision is a boxed {plain(logic.tag)}; it can be evaluated, and is not drawn here.</p>;
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label="Decision table">
      <table class="dmn">
        <thead>
          <tr>
            <th scope="col" title="Hit policy">
              {plain(logic.hitPolicy.toLowerCase())}
            </th>
            {logic.inputs.map((input) => (
              <th scope="col" class="input">
                {plain(cut(input.label || input.expression, 80))} <small>{plain(cut(input.label ? input.expression : input.type, 80))}</small>
                {values?.has(input.id) && <code>{plain(cut(values.get(input.id) ?? "", 120))}</code>}
              </th>
            ))}
            {logic.outputs.map((output) => (
              <th scope="col" class="output">
                {plain(cut(output.label || output.name, 80))} <small>{plain(cut(output.label ? output.name : output.type, 80))}</small>
              </th>
            ))}
            <th scope="col" class="minor">Note</th>
          </tr>
        </thead>
        <tbody>
          {logic.rules.map((rule, at) => (
            <tr class={matched?.has(at + 1) ? "matched" : ""}>
              <th scope="row">
                {at + 1}
                {matched?.has(at + 1) && <span class="mark"> matched</span>}
              </th>
              {rule.inputs.map((entry) => (
                <td>{entry ? <code>{plain(cut(entry, 300))}</code> : <span class="faint">any</span>}</td>
              ))}
              {rule.outputs.map((entry) => (
                <td class="output">
                  <code>{plain(cut(entry, 300))}</code>
                </td>
              ))}
              <td class="minor faint">{plain(cut(rule.note, 200))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Space around the graph. */
const MARGIN = 12;

export function GraphOf({ graph, decisions, current }: { graph: Graph; decisions: Decision[]; current: string }) {
  const left = Math.min(...graph.shapes.map((shape) => shape.x)) - MARGIN;
  const top = Math.min(...graph.shapes.map((shape) => shape.y)) - MARGIN;
  const right = Math.max(...graph.shapes.map((shape) => shape.x + shape.width)) + MARGIN;
  const bottom = Math.max(...graph.shapes.map((shape) => shape.y + shape.height)) + MARGIN;
  const keyOf = new Map(decisions.map((decision) => [decision.decisionDefinitionId, decision.decisionDefinitionKey]));
  return (
    <svg class="graph" viewBox={`${left} ${top} ${right - left} ${bottom - top}`} width={right - left} height={bottom - top} role="group" aria-label="Graph of requirements">
      <defs>
        <marker id="arrow" viewBox="0 0 10 10" refX="10" refY="5" markerWidth="8" markerHeight="8" orient="auto">
          <path d="M0 0 10 5 0 10z" class="arrow" />
        </marker>
      </defs>
      {graph.edges.map((edge) => (
        <polyline points={edge.points.map((point) => point.join(",")).join(" ")} class={edge.tag === "informationRequirement" ? "" : "dashed"} marker-end="url(#arrow)" />
      ))}
      {graph.shapes.map((shape) => {
        const key = keyOf.get(shape.id);
        const drawn = (
          <g class={`${shape.tag} ${shape.id === current ? "current" : ""}`}>
            <rect x={shape.x} y={shape.y} width={shape.width} height={shape.height} rx={shape.tag === "inputData" ? shape.height / 2 : 2} />
            <text x={shape.x + shape.width / 2} y={shape.y + shape.height / 2} text-anchor="middle" dominant-baseline="middle">
              {plain(cut(shape.name, Math.max(6, Math.floor(shape.width / 7.5))))}
            </text>
          </g>
        );
        return key ? <a href={to("decisions", key)}>{drawn}</a> : drawn;
      })}
    </svg>
  );
}

// A definition is deleted, or what is known of its instances that have ended, or both.

import { useEffect, useState } from "preact/hooks";
import { go, to } from "../route";
import { post, search, type Page } from "../server";
import { cut, plain, plural } from "../text";
import type { Definition } from "../things";
import { Dialog } from "../parts/dialog";
import { total } from "../parts/table";

/** How many are running and how many have ended. */
interface Counts {
  running: Page<unknown>["page"];
  ended: Page<unknown>["page"];
}

const ENDED = { $in: ["COMPLETED", "TERMINATED"] };

export function Delete({ definition, isDeleted, close }: { definition: Definition; isDeleted: boolean; close: () => void }) {
  const mine = { processDefinitionKey: definition.processDefinitionKey };
  const [counts, setCounts] = useState<Counts>();
  const [problem, setProblem] = useState("");
  const [isDefinition, setDefinition] = useState(!isDeleted);
  const [isHistory, setHistory] = useState(isDeleted);
  const [typed, setTyped] = useState("");
  useEffect(() => {
    const count = (state: unknown) => search<unknown>("process-instances", { filter: { ...mine, state }, page: { limit: 0 } });
    Promise.all([count({ $in: ["ACTIVE", "SUSPENDED"] }), count(ENDED)]).then(([running, ended]) => setCounts({ running: running.page, ended: ended.page }), (error: Error) => setProblem(error.message));
  }, []);
  const ended = counts?.ended.totalItems ?? 0;
  const act = async () => {
    // The definition first: it may be refused, and then nothing else was done.
    if (isDefinition) await post(`v2/resources/${definition.processDefinitionKey}/deletion`);
    if (!isHistory) return;
    const { batchOperationKey } = await post<{ batchOperationKey: string }>("v2/process-instances/deletion", { filter: { ...mine, state: ENDED } });
    setTimeout(() => go(to("batches", batchOperationKey)));
  };
  const isMeant = !isHistory || typed.replace(/\s/g, "") === String(ended);
  return (
    <Dialog title={`Delete ${plain(cut(definition.name || definition.processDefinitionId, 80))} v${definition.version}`} verb="Delete" isDangerous canDo={!!counts && (isDefinition || isHistory) && isMeant} act={act} close={close}>
      {problem && <p class="trouble">{plain(problem)}</p>}
      <p>
        <label>
          <input type="checkbox" disabled={isDeleted} checked={isDefinition} onChange={(event) => setDefinition(event.currentTarget.checked)} /> The definition: no instance of it can be started any more
          {counts && counts.running.totalItems > 0 ? ` (${total(counts.running)} still ${counts.running.totalItems === 1 ? "runs" : "run"}: the server may refuse it until ${counts.running.totalItems === 1 ? "it has" : "they have"} ended).` : "."}
        </label>
      </p>
      <p>
        <label>
          <input type="checkbox" disabled={!ended} checked={isHistory} onChange={(event) => setHistory(event.currentTarget.checked)} /> All that is known of its {counts ? (counts.ended.hasMoreTotalItems ? `${total(counts.ended)} instances` : plural(ended, "instance")) : "instances"} that ended.
        </label>
      </p>
      {isHistory && (
        <label class="field">
          <span>Type the number, {ended}, to say that you mean it</span>
          <input data-first inputMode="numeric" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
        </label>
      )}
      <p class="faint">This cannot be undone.</p>
    </Dialog>
  );
}

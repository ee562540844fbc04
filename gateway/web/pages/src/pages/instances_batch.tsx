// The same for several instances: how many and what is said before, how far it is while it goes on.

import { useState } from "preact/hooks";
import { post, search } from "../server";
import { plural } from "../text";
import type { Incident, Instance } from "../things";
import { Dialog } from "../parts/dialog";
import { resolve } from "./instance_actions";

/** What was chosen, by key. */
export type Chosen = Map<string, Instance>;

/** Incidents of one instance that are resolved in one go. */
const INCIDENTS = 100;

export function Batch({ chosen, done }: { chosen: Chosen; done: () => void }) {
  const [asked, setAsked] = useState<"cancel" | "retry">();
  const [typed, setTyped] = useState("");
  const [progress, setProgress] = useState(0);
  if (!chosen.size) return null;
  const running = [...chosen.values()].filter((row) => row.state === "ACTIVE");
  const failed = running.filter((row) => row.hasIncident);
  const rows = asked === "cancel" ? running : failed;
  const act = async () => {
    let at = 0;
    for (const row of rows) {
      if (asked === "cancel") await post(`v2/process-instances/${row.processInstanceKey}/cancellation`);
      else {
        const incidents = await search<Incident>(`process-instances/${row.processInstanceKey}/incidents`, { filter: { state: "ACTIVE" }, page: { limit: INCIDENTS } });
        for (const incident of incidents.items) await resolve(incident);
      }
      setProgress(++at);
    }
  };
  const close = () => {
    setAsked(undefined);
    setTyped("");
    setProgress(0);
    done();
  };
  return (
    <p class="batch" role="status">
      <b>{plural(chosen.size, "instance")} chosen</b>
      <button type="button" disabled={!failed.length} onClick={() => setAsked("retry")}>
        Try again ({failed.length})
      </button>
      <button type="button" class="danger" disabled={!running.length} onClick={() => setAsked("cancel")}>
        Cancel ({running.length})
      </button>
      <button type="button" class="quiet" onClick={done}>
        Choose none
      </button>
      {asked && (
        <Dialog title={asked === "cancel" ? "Cancel instances" : "Try again"} verb={asked === "cancel" ? `Cancel ${rows.length}` : `Resolve in ${rows.length}`} isDangerous={asked === "cancel"} canDo={typed === String(rows.length)} act={act} close={close}>
          <p>
            {asked === "cancel" ? `${plural(rows.length, "running instance")} end now, with all that is in them. This cannot be undone.` : `All incidents of ${plural(rows.length, "instance")} are resolved: what stopped is tried once more.`}{" "}
            {chosen.size > rows.length && `${plural(chosen.size - rows.length, "other")} of those chosen ${chosen.size - rows.length === 1 ? "is" : "are"} left alone.`}
          </p>
          <label class="field">
            <span>Type the number, {rows.length}, to say that you mean it</span>
            <input data-first inputMode="numeric" value={typed} onInput={(event) => setTyped(event.currentTarget.value.trim())} />
          </label>
          {progress > 0 && <p>{progress} of {rows.length} done</p>}
        </Dialog>
      )}
    </p>
  );
}

// What can be done to an instance as a whole, and to what stopped it.

import { useState } from "preact/hooks";
import { ask, isReadOnly, post } from "../server";
import { plain, plural } from "../text";
import type { Incident } from "../things";
import type { Known } from "../words";
import { Dialog } from "../parts/dialog";

/** Tries again what an incident stopped: a job needs an attempt for it. */
export async function resolve(incident: Incident): Promise<void> {
  if (incident.jobKey) await ask("PATCH", `v2/jobs/${incident.jobKey}`, { changeset: { retries: 1 } });
  await post(`v2/incidents/${incident.incidentKey}/resolution`);
}

interface Props {
  known: Omit<Known, "model">;
  reload: () => void;
  modify?: () => void;
  migrate?: () => void;
}

export function Actions({ known, reload, modify, migrate }: Props) {
  const [asked, setAsked] = useState<"retry" | "cancel">();
  const { instance, incidents, incidentCount } = known;
  if (instance.state !== "ACTIVE" && instance.state !== "SUSPENDED") return null;
  if (isReadOnly) return null;
  const close = () => {
    setAsked(undefined);
    reload();
  };
  const name = `${plain(instance.processDefinitionName || instance.processDefinitionId)} ${instance.processInstanceKey}`;
  return (
    <p class="actions">
      {incidentCount > 0 && (
        <button type="button" class="primary" onClick={() => setAsked("retry")}>
          {incidentCount > 1 ? `Try all ${incidentCount} again` : "Try again"}
        </button>
      )}
      {modify && (
        <button type="button" onClick={modify}>
          Modify
        </button>
      )}
      {migrate && (
        <button type="button" onClick={migrate}>
          Migrate
        </button>
      )}
      <button type="button" class="danger" onClick={() => setAsked("cancel")}>
        Cancel instance
      </button>
      {asked === "retry" && (
        <Dialog
          title="Try again"
          verb={`Resolve ${plural(incidents.length, "incident")}`}
          act={async () => {
            for (const incident of incidents) await resolve(incident);
          }}
          close={close}
        >
          <p>
            {plural(incidents.length, "incident")} of <b>{name}</b> will be resolved: what stopped is tried once more. Jobs get one attempt each.
            {incidents.length < incidentCount && ` There are ${incidentCount}; the others follow when these are done.`}
          </p>
          <p class="faint">Where a variable is wrong, set it first.</p>
        </Dialog>
      )}
      {asked === "cancel" && (
        <Dialog title="Cancel the instance" verb="Cancel it" isDangerous act={async () => post(`v2/process-instances/${instance.processInstanceKey}/cancellation`)} close={close}>
          <p>
            <b>{name}</b> ends now, with all that is in it{known.called.length > 0 && " and the instances that it called"}. Its jobs and user tasks are taken back. This cannot be undone.
          </p>
        </Dialog>
      )}
    </p>
  );
}

// What can be done to an instance as a whole, and to what stopped it.

import type { ComponentChild } from "preact";
import { useState } from "preact/hooks";
import { go, to } from "../route";
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
  const [asked, setAsked] = useState<"retry" | "cancel" | "suspend" | "resume" | "delete">();
  const { instance, incidentCount } = known;
  if (isReadOnly) return null;
  const isSuspended = instance.state === "SUSPENDED";
  const isOver = instance.state !== "ACTIVE" && !isSuspended;
  const close = () => {
    setAsked(undefined);
    reload();
  };
  const path = `v2/process-instances/${instance.processInstanceKey}`;
  const name = <b>{`${plain(instance.processDefinitionName || instance.processDefinitionId)} ${instance.processInstanceKey}`}</b>;
  return (
    <p class="actions">
      {isSuspended && (
        <button type="button" class="primary" onClick={() => setAsked("resume")}>
          Resume
        </button>
      )}
      {incidentCount > 0 && instance.state === "ACTIVE" && (
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
      {instance.state === "ACTIVE" && (
        <button type="button" onClick={() => setAsked("suspend")}>
          Suspend
        </button>
      )}
      {!isOver && (
        <button type="button" class="danger" onClick={() => setAsked("cancel")}>
          Cancel instance
        </button>
      )}
      {isOver && (
        <button type="button" class="danger" onClick={() => setAsked("delete")}>
          Delete
        </button>
      )}
      {asked === "retry" && <Retry known={known} name={name} close={close} />}
      {asked === "suspend" && (
        <Dialog title="Suspend the instance" verb="Suspend it" act={async () => post(`${path}/suspension`)} close={close}>
          <p>
            {name} rests until it is resumed: its jobs are given to nobody, its timers and messages wait{known.called.length > 0 && "; the instances that it called go on"}.
          </p>
        </Dialog>
      )}
      {asked === "resume" && (
        <Dialog title="Resume the instance" verb="Resume it" act={async () => post(`${path}/resumption`)} close={close}>
          <p>{name} goes on where it stands: timers that have become due in the meantime fire, messages that have come and are kept are taken.</p>
        </Dialog>
      )}
      {asked === "cancel" && (
        <Dialog title="Cancel the instance" verb="Cancel it" isDangerous act={async () => post(`${path}/cancellation`)} close={close}>
          <p>
            {name} ends now, with all that is in it{known.called.length > 0 && " and the instances that it called"}. Its jobs and user tasks are taken back. This cannot be undone.
          </p>
        </Dialog>
      )}
      {asked === "delete" && (
        <Dialog title="Delete the instance" verb="Delete it" isDangerous act={async () => { await post(`${path}/deletion`); setTimeout(() => go(to("instances"))); }} close={() => setAsked(undefined)}>
          <p>
            All that is known of {name} is deleted: its history, variables, incidents and evaluated decisions. Instances that it called stay. This cannot be undone.
          </p>
        </Dialog>
      )}
    </p>
  );
}

function Retry({ known, name, close }: { known: Props["known"]; name: ComponentChild; close: () => void }) {
  const { incidents, incidentCount } = known;
  const act = async () => {
    for (const incident of incidents) await resolve(incident);
  };
  return (
    <Dialog title="Try again" verb={`Resolve ${plural(incidents.length, "incident")}`} act={act} close={close}>
      <p>
        {plural(incidents.length, "incident")} of {name} will be resolved: what stopped is tried once more. Jobs get one attempt each.
        {incidents.length < incidentCount && ` There are ${incidentCount}; the others follow when these are done.`}
      </p>
      <p class="faint">Where a variable is wrong, set it first.</p>
    </Dialog>
  );
}

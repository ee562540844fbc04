// Takes an instance into another definition: where its tokens go is shown on both diagrams, and can be picked there.

import { useState } from "preact/hooks";
import type { Model } from "../model";
import { post } from "../server";
import { plain, plural } from "../text";
import type { Definition, ElementCounts, Instance } from "../things";
import { Trouble } from "../parts/basics";
import { Dialog } from "../parts/dialog";
import { Migration, definitionName, useDefinitions } from "../parts/mapping";

interface Props {
  instance: Instance;
  xml: string;
  model: Model;
  counts: ElementCounts[];
  close: () => void;
}

export function Migrate({ instance, xml, model, counts, close }: Props) {
  const [plan, setPlan] = useState<{ to: Definition; mappings: object[] }>();
  const definitions = useDefinitions();
  const act = async () => {
    await post(`v2/process-instances/${instance.processInstanceKey}/migration`, { targetProcessDefinitionKey: plan!.to.processDefinitionKey, mappingInstructions: plan!.mappings });
    setTimeout(close);
  };
  return (
    <section class="modify" aria-label="Migrate">
      <Migration from={instance} definitions={definitions.data ?? []} xml={xml} model={model} counts={counts} choose={(to, mappings) => setPlan({ to, mappings })}>
        <span class="space" />
        <button type="button" onClick={close}>
          Leave it
        </button>
      </Migration>
      {definitions.error && <Trouble problem={definitions.error} retry={definitions.reload} />}
      {plan && (
        <Dialog title="Migrate the instance" verb="Migrate it" isDangerous act={act} close={() => setPlan(undefined)}>
          <p>
            {plain(instance.processDefinitionName || instance.processDefinitionId)} <b>{instance.processInstanceKey}</b> goes on in {definitionName(plan.to)}, with {plural(plan.mappings.length, "element")}, its jobs, user tasks, incidents and variables: all of it, or nothing happens.
          </p>
        </Dialog>
      )}
    </section>
  );
}

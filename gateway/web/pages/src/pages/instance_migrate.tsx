// Takes an instance into another definition: where its tokens go is shown on both diagrams, and can be picked there.

import { useState } from "preact/hooks";
import type { Model } from "../model";
import { post } from "../server";
import { plain, plural } from "../text";
import type { ElementCounts, Instance } from "../things";
import { Trouble } from "../parts/basics";
import { Dialog } from "../parts/dialog";
import { Mappings, Target, definitionName, useDefinitions } from "../parts/mapping";

interface Props {
  instance: Instance;
  xml: string;
  model: Model;
  counts: ElementCounts[];
  close: () => void;
}

export function Migrate({ instance, xml, model, counts, close }: Props) {
  const [target, setTarget] = useState("");
  const [mappings, setMappings] = useState<object[]>();
  const definitions = useDefinitions();
  const of = definitions.data?.find((one) => one.processDefinitionKey === target);
  const act = async () => {
    await post(`v2/process-instances/${instance.processInstanceKey}/migration`, { targetProcessDefinitionKey: target, mappingInstructions: mappings });
    setTimeout(close);
  };
  return (
    <section class="modify" aria-label="Migrate">
      <p class="actions">
        <Target from={instance} definitions={definitions.data ?? []} label="Definition to migrate to" target={target} pick={setTarget} />
        <span class="space" />
        <button type="button" onClick={close}>
          Leave it
        </button>
      </p>
      {definitions.error && <Trouble problem={definitions.error} retry={definitions.reload} />}
      {definitions.data?.length === 1 && <p class="hint">There is no other definition yet: deploy the one that this instance is to go on in.</p>}
      {of && <Mappings key={target} xml={xml} model={model} counts={counts} of={of} choose={setMappings} />}
      {of && mappings && (
        <Dialog title="Migrate the instance" verb="Migrate it" isDangerous act={act} close={() => setMappings(undefined)}>
          <p>
            {plain(instance.processDefinitionName || instance.processDefinitionId)} <b>{instance.processInstanceKey}</b> goes on in {definitionName(of)}, with {plural(mappings.length, "element")}, its jobs, user tasks, incidents and variables: all of it, or nothing happens.
          </p>
        </Dialog>
      )}
    </section>
  );
}

// One user task: taken, given back, completed, by its form or by variables.

import { useRef, useState } from "preact/hooks";
import { SELDOM, useLoad } from "../load";
import { to } from "../route";
import { ask, get, isReadOnly, search, type Page } from "../server";
import { cut, plain } from "../text";
import type { Form, UserTask, Variable } from "../things";
import { Facts, Key, Loading, Name, State, Time, Trouble, whyNot, Words } from "../parts/basics";
import { FormOf, type FormHandle } from "../parts/form";
import { Json, JsonField, wrong } from "../parts/json";

interface Props {
  id: string;
  me: string;
  changed: () => void;
  back: string;
}

/** Variables that a task is shown with. */
const VARIABLES = 200;

export const NoTask = ({ id, back }: { id: string; back: string }) => (
  <p class="empty">
    There is no task {plain(cut(id, 40))}. <a href={back}>All tasks</a>
  </p>
);

export function Task({ id, me, changed, back }: Props) {
  const { data, error, reload } = useLoad((signal) => get<UserTask>(`v2/user-tasks/${id}`, { signal }), [id], SELDOM);
  const form = useLoad((signal) => get<Form | undefined>(`v2/user-tasks/${id}/form`, { signal }), [id, "form"]);
  const variables = useLoad((signal) => search<Variable>(`user-tasks/${id}/effective-variables`, { page: { limit: VARIABLES } }, { signal }), [id, "variables", data?.state]);
  if (error && !data) return error.status === 404 ? <NoTask id={id} back={back} /> : <Trouble problem={error} retry={reload} />;
  if (!data) return <Loading />;
  const after = () => {
    reload();
    changed();
  };
  const isOpen = data.state === "CREATED" || data.state === "ASSIGNING" || data.state === "UPDATING";
  return (
    <>
      <a class="back" href={back}>
        All tasks
      </a>
      <h2>
        <bdi>{plain(cut(data.name || data.elementId, 120))}</bdi> <State state={data.state} />
      </h2>
      <Facts
        of={[
          ["Process", <a href={to("instances", data.processInstanceKey)}><bdi>{plain(cut(data.processName || data.processDefinitionId, 60))}</bdi> {data.processInstanceKey}</a>],
          ["Key", <Key value={data.userTaskKey} />],
          ["Created", <Time at={data.creationDate} />],
          ...(data.businessId ? ([["Business id", <Words text={data.businessId} most={60} />]] as [string, preact.ComponentChild][]) : []),
          ...(data.dueDate ? ([["Due", <Time at={data.dueDate} />]] as [string, preact.ComponentChild][]) : []),
          ...(data.followUpDate ? ([["Follow-up", <Time at={data.followUpDate} />]] as [string, preact.ComponentChild][]) : []),
          ["Priority", data.priority],
          ["Candidates", [...data.candidateGroups, ...data.candidateUsers].map(plain).join(", ") || <span class="faint">anybody</span>],
        ]}
      />
      {!isReadOnly && isOpen && <Holder task={data} me={me} after={after} />}
      {form.data && variables.data ? (
        <WithForm task={data} form={form.data} variables={variables.data} canDo={isOpen && !isReadOnly} after={after} />
      ) : form.isLoading || !variables.data ? (
        <Loading />
      ) : (
        <WithVariables task={data} variables={variables.data} canDo={isOpen && !isReadOnly} after={after} reference={data.externalFormReference} />
      )}
    </>
  );
}

/** Whose task it is, and what can be done about that. */
function Holder({ task, me, after }: { task: UserTask; me: string; after: () => void }) {
  const [said, setSaid] = useState("");
  const [other, setOther] = useState("");
  const run = async (act: () => Promise<unknown>) => {
    setSaid("");
    try {
      await act();
      after();
    } catch (error) {
      setSaid(whyNot(error));
    }
  };
  const give = (assignee: string) => run(() => ask("POST", `v2/user-tasks/${task.userTaskKey}/assignment`, { assignee, allowOverride: true, action: "assign" }));
  return (
    <div class="holder">
      {task.assignee ? (
        <>
          <span>
            It is <b>{plain(cut(task.assignee, 60))}</b>'s.
          </span>
          <button type="button" onClick={() => run(() => ask("DELETE", `v2/user-tasks/${task.userTaskKey}/assignee`))}>
            Give it back
          </button>
        </>
      ) : (
        <button type="button" class="primary" disabled={!me} title={me ? undefined : "Say first who you are, above the list"} onClick={() => run(() => ask("POST", `v2/user-tasks/${task.userTaskKey}/assignment`, { assignee: me, allowOverride: false, action: "claim" }))}>
          {me ? `Claim it as ${plain(cut(me, 30))}` : "Claim it"}
        </button>
      )}
      {!task.assignee && !me && <span class="faint">Say who you are above the list of tasks to claim it.</span>}
      <form class="inline" onSubmit={(event) => { event.preventDefault(); if (other.trim()) void give(other.trim()).then(() => setOther("")); }}>
        <input aria-label="Give it to" placeholder="Give it to" value={other} onInput={(event) => setOther(event.currentTarget.value)} />
        <button type="submit" disabled={!other.trim()}>
          Assign
        </button>
      </form>
      {said && <p class="trouble" role="alert">{said}</p>}
    </div>
  );
}

interface BodyProps {
  task: UserTask;
  variables: Page<Variable>;
  canDo: boolean;
  after: () => void;
}

function useCompletion(task: UserTask, after: () => void) {
  const [said, setSaid] = useState("");
  const [isBusy, setBusy] = useState(false);
  const complete = async (raw: string) => {
    setBusy(true);
    setSaid("");
    try {
      await ask("POST", `v2/user-tasks/${task.userTaskKey}/completion`, undefined, { raw: `{"variables":${raw}}` });
      after();
    } catch (error) {
      setSaid(whyNot(error));
    }
    setBusy(false);
  };
  return { said, isBusy, complete };
}

function WithForm({ task, form, variables, canDo, after }: BodyProps & { form: Form }) {
  const handle = useRef<FormHandle>(null);
  const { said, isBusy, complete } = useCompletion(task, after);
  // The data of the first time: what changes meanwhile must not undo what somebody is typing.
  const [data] = useState(() => dataOf(variables.items));
  const [isBroken, setBroken] = useState(false);
  const submit = () => {
    const entered = handle.current?.submit();
    if (entered) void complete(JSON.stringify(entered));
  };
  return (
    <>
      <FormOf schema={form.schema} data={data} isReadOnly={!canDo} handle={(one) => (handle.current = one)} onProblem={() => setBroken(true)} />
      {isBroken && <WithVariables task={task} variables={variables} canDo={canDo} after={after} reference={null} />}
      {said && <p class="trouble" role="alert">{said}</p>}
      {canDo && !isBroken && (
        <p class="actions">
          <button type="button" class="primary" disabled={isBusy} onClick={submit}>
            Complete the task
          </button>
        </p>
      )}
    </>
  );
}

/** Variables as a form has them; those that were cut are left out. */
export function dataOf(variables: Variable[]): Record<string, unknown> {
  const data: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const { name, value, isTruncated } of variables) if (!isTruncated) data[name] = JSON.parse(value);
  return { ...data };
}

function WithVariables({ task, variables, canDo, after, reference }: BodyProps & { reference: string | null }) {
  const [text, setText] = useState("");
  const { said, isBusy, complete } = useCompletion(task, after);
  return (
    <>
      {reference && <p class="faint">Its form is elsewhere: <bdi>{plain(cut(reference, 200))}</bdi></p>}
      <h3>Variables</h3>
      {variables.items.length === 0 && <p class="faint">There are none.</p>}
      <dl class="values">
        {variables.items.map((one) => (
          <div key={one.variableKey}>
            <dt><Name text={one.name} /></dt>
            <dd><Json text={one.value} isWhole={!one.isTruncated} loadWhole={async () => (await get<Variable>(`v2/variables/${one.variableKey}`)).value} /></dd>
          </div>
        ))}
      </dl>
      {canDo && (
        <form onSubmit={(event) => { event.preventDefault(); void complete(text.trim() || "{}"); }}>
          <JsonField label="Variables to complete it with, as a JSON object (optional)" rows={5} value={text} onInput={setText} />
          {said && <p class="trouble" role="alert">{said}</p>}
          <p class="actions">
            <button type="submit" class="primary" disabled={isBusy || (!!text.trim() && !!wrong(text, "object"))}>
              Complete the task
            </button>
          </p>
        </form>
      )}
    </>
  );
}

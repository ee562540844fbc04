// User tasks: a list at one side, the one that is picked at the other.

import { useState } from "preact/hooks";
import { ANYTHING } from "../live";
import { OFTEN, SELDOM, useLoad } from "../load";
import { go, to } from "../route";
import { search, type Page } from "../server";
import { cut, plain } from "../text";
import type { UserTask } from "../things";
import { Ago, Empty, isKey, Loading, Time, Trouble } from "../parts/basics";
import { Pager, total } from "../parts/table";
import { OPEN_TASKS } from "../words";
import { NoTask, Task } from "./task";

const LIMIT = 50;

/** Who sits here. Nobody has to log in, so people say it; the browser remembers. */
const NAME = "ringbolt-name";

export function whoAmI(): string {
  try {
    return localStorage.getItem(NAME) ?? "";
  } catch {
    return "";
  }
}

function remember(name: string) {
  try {
    localStorage.setItem(NAME, name);
  } catch {
    return;
  }
}

const VIEWS: [string, string][] = [
  ["", "Open"],
  ["free", "Nobody's"],
  ["mine", "Mine"],
  ["done", "Completed"],
];

type Asked = Record<string, string>;

function filterOf(asked: Asked, me: string): object {
  const open = { state: OPEN_TASKS };
  const view = asked.view === "free" ? { ...open, assignee: { $exists: false } } : asked.view === "mine" ? { ...open, assignee: me || " " } : asked.view === "done" ? { state: "COMPLETED" } : open;
  return { ...view, ...(asked.group && { candidateGroup: asked.group }), ...(asked.process && { processDefinitionId: asked.process }) };
}

/** Who has it, or who may take it; what kind of name that is stands before it. */
function For({ task }: { task: UserTask }) {
  if (task.assignee) return <><span class="faint">assigned to</span> <bdi>{plain(cut(task.assignee, 40))}</bdi></>;
  const [what, names] = task.candidateGroups.length ? ["group", task.candidateGroups] : ["user", task.candidateUsers];
  if (!names.length) return <span class="faint">for anybody</span>;
  const more = task.candidateGroups.length + task.candidateUsers.length - Math.min(2, names.length);
  return <><span class="faint">{names.length > 1 ? `${what}s` : what}</span> <bdi>{names.slice(0, 2).map((name) => plain(cut(name, 30))).join(", ")}</bdi>{more > 0 && <span class="faint"> +{more}</span>}</>;
}

export function TasksPage({ id, query }: { id: string; query: URLSearchParams }) {
  const { after, before, ...asked } = Object.fromEntries(query) as Asked;
  const [typed, setTyped] = useState(whoAmI);
  const me = typed.trim();
  const filter = filterOf(asked, me);
  const sort = asked.view === "done" ? [{ field: "completionDate", order: "DESC" as const }] : asked.sort === "due" ? [{ field: "dueDate", order: "ASC" as const }] : asked.sort === "new" ? [{ field: "creationDate", order: "DESC" as const }] : [{ field: "priority", order: "DESC" as const }, { field: "creationDate", order: "ASC" as const }];
  const body = { filter, sort, page: { limit: LIMIT, ...(after ? { after } : before ? { before } : {}) } };
  const { data, error, reload } = useLoad<Page<UserTask>>((signal) => search("user-tasks", body, { signal }), [body], after || before ? SELDOM : OFTEN, ANYTHING);
  const set = (changes: Asked) => go(to("tasks", id, { ...asked, ...changes }));
  const name = (text: string) => {
    remember(text.trim());
    setTyped(text);
  };
  return (
    <article class={`tasks ${id ? "has-one" : ""}`}>
      <section class="task-list" aria-label="User tasks">
        <header class="head">
          <h1>Tasks {data && <span class="count">{total(data.page)}</span>}</h1>
          <label class="field inline">
            <span>I am</span>
            <input value={typed} placeholder="your name" autocomplete="username" onInput={(event) => name(event.currentTarget.value)} />
          </label>
        </header>
        <form class="filters" onSubmit={(event) => event.preventDefault()} aria-label="Filters">
          <div class="choice" role="group" aria-label="Which tasks">
            {VIEWS.map(([view, title]) => (
              <button type="button" aria-pressed={(asked.view ?? "") === view} onClick={() => set({ view })}>
                {title}
              </button>
            ))}
          </div>
          <label class="field">
            <span>Group</span>
            <input key={asked.group} size={10} defaultValue={asked.group ?? ""} placeholder="any" onChange={(event) => set({ group: event.currentTarget.value.trim() })} />
          </label>
          <label class="field">
            <span>Order</span>
            <select value={asked.sort ?? ""} onChange={(event) => set({ sort: event.currentTarget.value })}>
              <option value="">Priority</option>
              <option value="due">Due date</option>
              <option value="new">Newest</option>
            </select>
          </label>
        </form>
        {error && !data && <Trouble problem={error} retry={reload} />}
        {!data && !error && <Loading />}
        {data?.items.length === 0 && <Empty>{asked.view === "mine" && !me ? "Say above who you are." : "There is nothing to do here."}</Empty>}
        <ul class="cards">
          {data?.items.map((task) => (
            <li key={task.userTaskKey}>
              <a href={to("tasks", task.userTaskKey, asked)} aria-current={task.userTaskKey === id ? "true" : undefined}>
                <b><bdi>{plain(cut(task.name || task.elementId, 80))}</bdi></b>
                <span class="who"><For task={task} /></span>
                <span class="of faint"><bdi>{plain(cut(task.processName || task.processDefinitionId, 60))}</bdi><span aria-hidden="true">·</span><bdi class="which">{plain(cut(task.businessId || task.processInstanceKey, 40))}</bdi></span>
                <span class="when faint">{task.completionDate ? <>completed <Ago at={task.completionDate} /></> : task.dueDate ? <>due <Time at={task.dueDate} /></> : <>created <Ago at={task.creationDate} /></>}</span>
              </a>
            </li>
          ))}
        </ul>
        {data && <Pager page={data.page} shown={data.items.length} limit={LIMIT} at={{ after, before }} move={(at) => go(to("tasks", id, { ...asked, ...at }))} />}
      </section>
      <section class="task-one" aria-label="The task">
        {id && !isKey(id) ? <NoTask id={id} back={to("tasks", "", asked)} /> : id ? <Task key={id} id={id} me={me} changed={reload} back={to("tasks", "", asked)} /> : <Empty>Pick a task to see it.</Empty>}
      </section>
    </article>
  );
}

// Messages and signals: sent from here; who waits for messages.

import { useState } from "preact/hooks";
import { SELDOM, useLoad } from "../load";
import { go, to } from "../route";
import { ask, isReadOnly, search, type Page } from "../server";
import { cut, plain, plural } from "../text";
import type { Subscription } from "../things";
import { Empty, Line, Loading, Panel, State, Time, Trouble, whyNot, Words } from "../parts/basics";
import { JsonField, wrong } from "../parts/json";
import { Pager, Table, total } from "../parts/table";

const LIMIT = 50;

export function MessagesPage({ query }: { query: URLSearchParams }) {
  const { after, before, name = "", key = "", state = "CREATED", ...rest } = Object.fromEntries(query) as Record<string, string | undefined>;
  const filter = { ...(state && state !== "ALL" && { messageSubscriptionState: state }), ...(rest.find && { messageName: /[*?]/.test(rest.find) ? { $like: rest.find } : rest.find }) };
  const body = { filter, sort: [{ field: "lastUpdatedDate", order: "DESC" as const }], page: { limit: LIMIT, ...(after ? { after } : before ? { before } : {}) } };
  const { data, error, reload } = useLoad<Page<Subscription>>((signal) => search("message-subscriptions", body, { signal }), [body], SELDOM);
  const set = (changes: Record<string, string | undefined>) => go(to("messages", "", { ...rest, state, ...changes }));
  return (
    <article>
      <header class="head">
        <h1>Messages and signals</h1>
      </header>
      {!isReadOnly && (
        <div class="halves even">
          <Publish key={`${name}/${key}`} name={name} correlationKey={key} done={reload} />
          <Broadcast done={reload} />
        </div>
      )}
      <Panel
        title="Who waits for messages"
        count={data ? total(data.page) : undefined}
        tools={
          <form class="filters" onSubmit={(event) => event.preventDefault()} aria-label="Filters">
            <label class="field">
              <span>Name</span>
              <input key={rest.find} defaultValue={rest.find ?? ""} placeholder="payment-*" onChange={(event) => set({ find: event.currentTarget.value.trim() })} />
            </label>
            <label class="field">
              <span>State</span>
              <select value={state} onChange={(event) => set({ state: event.currentTarget.value })}>
                <option value="CREATED">Waiting</option>
                <option value="CORRELATED">Correlated</option>
                <option value="ALL">All</option>
              </select>
            </label>
          </form>
        }
      >
        {error && !data && <Trouble problem={error} retry={reload} />}
        {!data && !error && <Loading />}
        {data?.items.length === 0 && <Empty>Nobody.</Empty>}
        {!!data?.items.length && (
          <Table
            label="Message subscriptions"
            rows={data.items}
            keyOf={(row) => row.messageSubscriptionKey}
            columns={[
              { title: "Message", kind: "text", show: (row) => (<><Line text={row.messageName} most={60} />{row.correlationKey && <small class="under faint"><Words text={row.correlationKey} most={60} /></small>}</>) },
              { title: "Correlation key", kind: "wide minor", show: (row) => <Words text={row.correlationKey} most={60} /> },
              { title: "Who", show: (row) => (row.processInstanceKey && row.processInstanceKey !== "-1" ? <a class="key" href={to("instances", row.processInstanceKey)}>{row.processInstanceKey}</a> : <span>starts <bdi>{plain(cut(row.processDefinitionId, 40))}</bdi></span>) },
              { title: "At", kind: "minor", show: (row) => <Line text={row.elementId} most={40} /> },
              { title: "State", kind: "minor", show: (row) => <State state={row.messageSubscriptionState} /> },
              { title: "Since", kind: "minor", show: (row) => <Time at={row.lastUpdatedDate} /> },
              ...(isReadOnly ? [] : [{ title: "", kind: "tools", show: (row: Subscription) => row.messageSubscriptionState === "CREATED" && <button type="button" class="quiet" onClick={() => set({ name: row.messageName, key: row.correlationKey ?? "" })}>Publish</button> }]),
            ]}
          />
        )}
        {data && <Pager page={data.page} shown={data.items.length} limit={LIMIT} at={{ after, before }} move={(at) => set(at)} />}
      </Panel>
    </article>
  );
}

/** Sends something, and says what came of it. */
function useSending(done: () => void) {
  const [said, setSaid] = useState<{ text: string; isBad: boolean }>();
  const send = async (act: () => Promise<string>) => {
    setSaid(undefined);
    try {
      setSaid({ text: await act(), isBad: false });
      done();
    } catch (error) {
      setSaid({ text: whyNot(error), isBad: true });
    }
  };
  return { shown: said && <p class={said.isBad ? "trouble" : "went-well"} role={said.isBad ? "alert" : "status"}>{said.text}</p>, send };
}

const ofText = (variables: string) => variables.trim() || "{}";

function Publish({ name, correlationKey, done }: { name: string; correlationKey: string; done: () => void }) {
  const [message, setMessage] = useState(name);
  const [key, setKey] = useState(correlationKey);
  const [seconds, setSeconds] = useState("60");
  const [variables, setVariables] = useState("");
  const { shown, send } = useSending(done);
  const act = async () => {
    const raw = `{"name":${JSON.stringify(message)},"correlationKey":${JSON.stringify(key)},"timeToLive":${Math.round(Number(seconds) * 1000) || 0},"variables":${ofText(variables)}}`;
    const { messageKey } = await ask<{ messageKey: string }>("POST", "v2/messages/publication", undefined, { raw });
    const kept = Number(seconds) > 0 ? ` Whoever begins to wait for it within ${plural(Number(seconds), "second")} gets it too.` : "";
    return `Published, with the key ${messageKey}.${kept}`;
  };
  const correlate = async () => {
    const raw = `{"name":${JSON.stringify(message)},"correlationKey":${JSON.stringify(key)},"variables":${ofText(variables)}}`;
    const { processInstanceKey } = await ask<{ processInstanceKey: string }>("POST", "v2/messages/correlation", undefined, { raw });
    return `It reached the instance ${processInstanceKey}.`;
  };
  const isWrong = !message || (!!variables.trim() && !!wrong(variables, "object"));
  return (
    <Panel title="Publish a message">
      <form class="inset" onSubmit={(event) => { event.preventDefault(); void send(act); }}>
        <div class="row-of">
          <label class="field"><span>Name</span><input required value={message} onInput={(event) => setMessage(event.currentTarget.value)} /></label>
          <label class="field"><span>Correlation key</span><input value={key} onInput={(event) => setKey(event.currentTarget.value)} /></label>
          <label class="field"><span>Kept for, seconds</span><input inputMode="decimal" size={6} value={seconds} onInput={(event) => setSeconds(event.currentTarget.value)} /></label>
        </div>
        <JsonField label="Variables (optional)" rows={3} value={variables} onInput={setVariables} />
        <p class="actions">
          <button type="submit" class="primary" disabled={isWrong}>Publish</button>
          <button type="button" disabled={isWrong} onClick={() => void send(correlate)}>Correlate, and say with whom</button>
        </p>
        {shown}
      </form>
    </Panel>
  );
}

function Broadcast({ done }: { done: () => void }) {
  const [name, setName] = useState("");
  const [variables, setVariables] = useState("");
  const { shown, send } = useSending(done);
  const act = async () => {
    const raw = `{"signalName":${JSON.stringify(name)},"variables":${ofText(variables)}}`;
    const { signalKey } = await ask<{ signalKey: string }>("POST", "v2/signals/broadcast", undefined, { raw });
    return `Broadcast, with the key ${signalKey}, to everybody who waits for it.`;
  };
  return (
    <Panel title="Broadcast a signal">
      <form class="inset" onSubmit={(event) => { event.preventDefault(); void send(act); }}>
        <label class="field"><span>Name</span><input required value={name} onInput={(event) => setName(event.currentTarget.value)} /></label>
        <JsonField label="Variables (optional)" rows={3} value={variables} onInput={setVariables} />
        <p class="actions"><button type="submit" class="primary" disabled={!name || (!!variables.trim() && !!wrong(variables, "object"))}>Broadcast</button></p>
        {shown}
      </form>
    </Panel>
  );
}

// Variables of a scope: their values as far as somebody wants to see them, changed one by one.

import { useState } from "preact/hooks";
import { SELDOM, useLoad } from "../load";
import { ask, get, isReadOnly, search, type Page } from "../server";
import { cut, kindOf, number, plain } from "../text";
import type { Variable } from "../things";
import { Empty, Loading, Name, Trouble } from "./basics";
import { Dialog } from "./dialog";
import { Json, JsonField, wrong } from "./json";
import { Table, total } from "./table";

const STEP = 50;

interface Props {
  instanceKey: string;
  /** The scope whose variables are shown; all of them without one. */
  scopeKey?: string;
  scopeName: (key: string) => string;
  isActive: boolean;
}

const whole = (key: string) => get<Variable>(`v2/variables/${key}`).then((variable) => variable.value);

export function Variables({ instanceKey, scopeKey, scopeName, isActive }: Props) {
  const [limit, setLimit] = useState(STEP);
  const [edited, setEdited] = useState<Variable | "new">();
  const query = { filter: { processInstanceKey: instanceKey, ...(scopeKey && { scopeKey }) }, sort: [{ field: "name", order: "ASC" as const }], page: { limit } };
  const { data, error, reload } = useLoad<Page<Variable>>((signal) => search("variables", query, { signal }), [instanceKey, scopeKey, limit], isActive ? SELDOM : 0, instanceKey);
  if (error && !data) return <Trouble problem={error} retry={reload} />;
  if (!data) return <Loading />;
  const canSet = isActive && !isReadOnly;
  const left = data.page.totalItems - data.items.length;
  return (
    <>
      {data.items.length === 0 && <Empty>There are no variables {scopeKey && scopeKey !== instanceKey ? "in this scope" : "here"}.</Empty>}
      {data.items.length > 0 && (
        <Table
          label="Variables"
          rows={data.items}
          keyOf={(row) => row.variableKey}
          columns={[
            { title: "Name", kind: "name", show: (row) => <Name text={row.name} /> },
            { title: "Value", kind: "wide", show: (row) => <Json text={row.value} isWhole={!row.isTruncated} loadWhole={() => whole(row.variableKey)} /> },
            { title: "Type", kind: "minor", show: (row) => <span class="faint">{kindOf(row.value)}</span> },
            ...(scopeKey ? [] : [{ title: "Scope", kind: "minor", show: (row: Variable) => <span class="faint">{scopeName(row.scopeKey)}</span> }]),
            ...(canSet
              ? [{ title: "", kind: "tools", show: (row: Variable) => (
                  <button type="button" class="quiet" aria-label={`Change ${plain(cut(row.name, 60))}`} onClick={() => setEdited(row)}>
                    Change
                  </button>
                ) }]
              : []),
          ]}
        />
      )}
      <p class="below">
        {left > 0 && (
          <button type="button" onClick={() => setLimit((old) => Math.min(10_000, old * 4))}>
            {number(left)} more of {total(data.page)}
          </button>
        )}
        {canSet && (
          <button type="button" onClick={() => setEdited("new")}>
            Add a variable
          </button>
        )}
      </p>
      {edited && <Change variable={edited === "new" ? undefined : edited} scopeKey={edited === "new" ? (scopeKey ?? instanceKey) : edited.scopeKey} scopeName={scopeName} close={() => { setEdited(undefined); reload(); }} />}
    </>
  );
}

function Change({ variable, scopeKey, scopeName, close }: { variable?: Variable; scopeKey: string; scopeName: (key: string) => string; close: () => void }) {
  const [name, setName] = useState(variable?.name ?? "");
  const [value, setValue] = useState(variable && !variable.isTruncated ? variable.value : "");
  const [isWhole, setWhole] = useState(!variable?.isTruncated);
  const load = async () => {
    if (variable) setValue(await whole(variable.variableKey));
    setWhole(true);
  };
  const act = async () => {
    // The text as it was written: JSON.parse would round its numbers.
    const raw = `{"local":true,"variables":{${JSON.stringify(name)}:${value}}}`;
    await ask("PUT", `v2/element-instances/${scopeKey}/variables`, undefined, { raw });
  };
  return (
    <Dialog title={variable ? `Change ${plain(cut(name, 60))}` : "Add a variable"} verb="Set it" canDo={!!name && isWhole && !!value.trim() && !wrong(value, "any")} act={act} close={close} isWide>
      <p>
        It is set in <b>{scopeName(scopeKey)}</b> ({scopeKey}), at once.
      </p>
      {!variable && (
        <label class="field">
          <span>Name</span>
          <input data-first value={name} onInput={(event) => setName(event.currentTarget.value)} required maxLength={400} />
        </label>
      )}
      {isWhole ? (
        <JsonField label="Value, as JSON" kind="any" rows={10} value={value} onInput={setValue} />
      ) : (
        <p>
          The value is long.{" "}
          <button type="button" onClick={load}>
            Load it
          </button>
        </p>
      )}
    </Dialog>
  );
}

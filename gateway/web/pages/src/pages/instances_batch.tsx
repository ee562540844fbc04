// The same for many instances, as a batch operation of the server: how many it concerns is said before, and has to be typed.

import { useEffect, useState } from "preact/hooks";
import { go, to } from "../route";
import { post, search, type Page } from "../server";
import { number, plural } from "../text";
import type { Instance } from "../things";
import { Dialog } from "../parts/dialog";
import { total } from "../parts/table";

/** What was chosen, by key; or all that the filters of the list find. */
export type Chosen = Map<string, Instance> | "all";

interface Kind {
  title: string;
  verb: string;
  /** The operation's path. */
  path: string;
  /** What of the chosen it concerns. */
  only: Record<string, unknown>;
  isDangerous: boolean;
  said: (count: string) => string;
  /** What happens to the others of those that were chosen. */
  left: string;
}

const KINDS: Kind[] = [
  {
    title: "Try again", verb: "Try again", path: "incident-resolution", only: { state: "ACTIVE", hasIncident: true }, isDangerous: false,
    said: (count) => `All incidents of ${count} are resolved: what stopped is tried once more.`, left: "have none",
  },
  {
    title: "Cancel instances", verb: "Cancel", path: "cancellation", only: { state: "ACTIVE", parentProcessInstanceKey: { $exists: false } }, isDangerous: true,
    said: (count) => `${count} end now, with all that is in them and the instances that they called. This cannot be undone.`, left: "have ended, are suspended, or were called by another instance",
  },
  {
    title: "Delete instances", verb: "Delete", path: "deletion", only: { state: { $in: ["COMPLETED", "TERMINATED"] } }, isDangerous: true,
    said: (count) => `All that is known of ${count} is deleted: history, variables, incidents, evaluated decisions. This cannot be undone.`, left: "have not ended",
  },
];

/** The filter of what it concerns; nothing where no instance can be like both. */
function narrowed(filter: Record<string, unknown>, only: Record<string, unknown>): object | undefined {
  const given = filter.state as string | undefined;
  const wanted = only.state as string | { $in: string[] };
  if (given && (typeof wanted === "string" ? wanted !== given : !wanted.$in.includes(given))) return undefined;
  const state = given ?? wanted;
  // Who asked for what one instance called has said so; those are ended with it.
  if (only.parentProcessInstanceKey && filter.parentProcessInstanceKey) return undefined;
  return { ...filter, ...only, state };
}

interface Props {
  chosen: Chosen;
  /** The filter of the list. */
  filter: object;
  /** How many the list has. */
  all?: Page<unknown>["page"];
  choose: (chosen: Chosen) => void;
}

/** Keys that are chosen one by one, at most; beyond, filters say it better. */
const CHOSEN_MAX = 1000;

export function Batch({ chosen, filter, all, choose }: Props) {
  const [asked, setAsked] = useState<Kind>();
  const isAll = chosen === "all";
  if (!isAll && !chosen.size) return null;
  const of = (isAll ? filter : { processInstanceKey: { $in: [...chosen.keys()] } }) as Record<string, unknown>;
  return (
    <>
      <div class="batch" role="status">
        <b>{isAll ? `All ${all ? total(all) : ""} that are listed` : `${plural(chosen.size, "instance")} chosen`}</b>
        {KINDS.map((kind) => (
          <button type="button" class={kind.isDangerous ? "danger" : ""} disabled={!narrowed(of, kind.only) || (!isAll && chosen.size > CHOSEN_MAX)} onClick={() => setAsked(kind)}>
            {kind.verb}
          </button>
        ))}
        {!isAll && all && all.totalItems > chosen.size && (
          <button type="button" class="quiet" onClick={() => choose("all")}>
            Choose all {total(all)}
          </button>
        )}
        <button type="button" class="quiet" onClick={() => choose(new Map())}>
          Choose none
        </button>
      </div>
      {asked && <Ask kind={asked} filter={narrowed(of, asked.only) ?? of} chosen={isAll ? all?.totalItems : chosen.size} close={() => setAsked(undefined)} />}
    </>
  );
}

/** Says how many it concerns, as the server counts them now, and does it once that number was typed. */
function Ask({ kind, filter, chosen, close }: { kind: Kind; filter: object; chosen?: number; close: () => void }) {
  const [page, setPage] = useState<Page<unknown>["page"]>();
  const [problem, setProblem] = useState("");
  const [typed, setTyped] = useState("");
  useEffect(() => {
    search<unknown>("process-instances", { filter, page: { limit: 0 } }).then(({ page }) => setPage(page), (error: Error) => setProblem(error.message));
  }, []);
  const count = page?.totalItems ?? 0;
  const act = async () => {
    const { batchOperationKey } = await post<{ batchOperationKey: string }>(`v2/process-instances/${kind.path}`, { filter });
    setTimeout(() => go(to("batches", batchOperationKey)));
  };
  const others = page && !page.hasMoreTotalItems && chosen !== undefined ? chosen - count : 0;
  return (
    <Dialog title={kind.title} verb={page ? `${kind.verb} ${total(page)}` : kind.verb} isDangerous={kind.isDangerous} canDo={count > 0 && typed.replace(/\s/g, "") === String(count)} act={act} close={close}>
      {problem && <p class="trouble">{problem}</p>}
      {!page && !problem && <p class="faint">Counting</p>}
      {page && (
        <>
          <p>
            {count ? kind.said(page.hasMoreTotalItems ? `${total(page)} instances` : plural(count, "instance")) : "None of them can be taken for this."}
            {others > 0 && ` ${number(others)} of those chosen ${kind.left}, and stay as they are.`}
          </p>
          {count > 0 && (
            <>
              <p class="faint">Which ones is decided when it begins: what becomes like them until then is among them. It can be suspended and canceled while it goes on.</p>
              <label class="field">
                <span>
                  Type the number, {count}, to say that you mean it{page.hasMoreTotalItems && " (it is counted no further)"}
                </span>
                <input data-first inputMode="numeric" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
              </label>
            </>
          )}
        </>
      )}
    </Dialog>
  );
}

// Asks whether something is to be done to many instances: how many it concerns is said before, and has to be typed.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { go, to } from "../route";
import { post, search, type Page } from "../server";
import { number, plural } from "../text";
import type { Instance } from "../things";
import { Dialog } from "../parts/dialog";
import { total } from "../parts/table";

/** What was chosen, by key; or all that the filters of the list find. */
export type Chosen = Map<string, Instance> | "all";

export interface Kind {
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
  /** What has to be said beside which ones: asked for on a diagram. */
  plan?: "migrate" | "modify";
}

/** Says how many it concerns, as the server counts them now, and does it once that number was typed. */
export function Ask({ kind, filter, chosen, plan = {}, close, children }: { kind: Kind; filter: object; chosen?: number; plan?: object; close: () => void; children?: ComponentChildren }) {
  const [page, setPage] = useState<Page<unknown>["page"]>();
  const [problem, setProblem] = useState("");
  const [typed, setTyped] = useState("");
  useEffect(() => {
    search<unknown>("process-instances", { filter, page: { limit: 0 } }).then(({ page }) => setPage(page), (error: Error) => setProblem(error.message));
  }, []);
  const count = page?.totalItems ?? 0;
  const act = async () => {
    const { batchOperationKey } = await post<{ batchOperationKey: string }>(`v2/process-instances/${kind.path}`, { filter, ...plan });
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
              {children}
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

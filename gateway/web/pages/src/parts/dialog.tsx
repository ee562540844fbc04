// A question before something is done, and what came of it.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../server";
import { inWordsOfAct } from "./basics";

interface Props {
  title: string;
  children: ComponentChildren;
  /** What the button says that does it. */
  verb: string;
  isDangerous?: boolean;
  isWide?: boolean;
  canDo?: boolean;
  act: () => Promise<void>;
  close: () => void;
}

/** Says what will happen to what, and does it when asked to. */
export function Dialog({ title, children, verb, isDangerous, isWide, canDo = true, act, close }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    dialog.current?.showModal();
    dialog.current?.querySelector<HTMLElement>("[data-first]")?.focus();
  }, []);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await act();
      close();
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(-1, "", String(error)));
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} class={isWide ? "wide" : undefined} onClose={close} aria-label={title}>
      <form method="dialog" onSubmit={submit}>
        <h2>{title}</h2>
        {children}
        {problem && (
          <p class="trouble" role="alert">
            {inWordsOfAct(problem)}
          </p>
        )}
        <footer>
          <button type="button" onClick={close}>
            Leave it
          </button>
          <button type="submit" class={isDangerous ? "danger" : "primary"} disabled={isBusy || !canDo}>
            {isBusy ? "Working" : verb}
          </button>
        </footer>
      </form>
    </dialog>
  );
}

// Values as JSON: shown as far as somebody wants to see them, entered with every digit kept.

import { useState } from "preact/hooks";
import { indented, number, plain } from "../text";

/** Characters of a value that are shown at first, and with each click more. */
const FIRST = 400;
const STEP = 64 * 1024;

export function Json({ text, isWhole = true, loadWhole }: { text: string; isWhole?: boolean; loadWhole?: () => Promise<string> }) {
  const [whole, setWhole] = useState<string>();
  const [most, setMost] = useState(FIRST);
  const [isBusy, setBusy] = useState(false);
  const value = whole ?? text;
  const isComplete = isWhole || whole !== undefined;
  const isLong = value.length > most;
  // A value that was cut is no JSON any more.
  const shown = isComplete && value.length <= STEP && most > FIRST ? indented(value) : value;
  const more = async () => {
    const next = most === FIRST ? STEP : most + STEP;
    if (!isComplete && loadWhole && next > text.length) {
      setBusy(true);
      try {
        setWhole(await loadWhole());
      } finally {
        setBusy(false);
      }
    }
    setMost(next);
  };
  return (
    <span class="json">
      <bdi>{plain(isLong ? shown.slice(0, most) : shown)}</bdi>
      {(isLong || !isComplete) && (
        <>
          …{" "}
          <button type="button" class="more" onClick={more} disabled={isBusy}>
            {isLong && isComplete ? `${number(value.length - most)} more characters` : "more"}
          </button>
        </>
      )}
      {!isLong && most === FIRST && /[[{]/.test(value) && value.length > 40 && (
        <>
          {" "}
          <button type="button" class="more" onClick={() => setMost(STEP)}>
            unfold
          </button>
        </>
      )}
    </span>
  );
}

/** Why a text is no JSON of the wanted kind; nothing if it is. */
export function wrong(text: string, kind: "object" | "any"): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (kind === "object" && (typeof value !== "object" || value === null || Array.isArray(value))) return "This must be an object: {\"name\": value}";
    return undefined;
  } catch (error) {
    return `This is no JSON: ${(error as Error).message}`;
  }
}

interface EditorProps {
  label: string;
  value: string;
  kind?: "object" | "any";
  rows?: number;
  onInput: (text: string) => void;
}

/** A field for JSON that says at once what is wrong with it. */
export function JsonField({ label, value, kind = "object", rows = 8, onInput }: EditorProps) {
  const why = value.trim() ? wrong(value, kind) : undefined;
  return (
    <label class="field">
      <span>{label}</span>
      <textarea rows={rows} spellcheck={false} dir="ltr" value={value} aria-invalid={why !== undefined} onInput={(event) => onInput(event.currentTarget.value)} />
      {why && <small class="wrong">{why}</small>}
    </label>
  );
}

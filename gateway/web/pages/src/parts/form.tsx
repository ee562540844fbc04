// A form of a model, shown by the library that its authors try it with. It is loaded when the first one is shown.

import { useEffect, useRef, useState } from "preact/hooks";
import { library, root } from "../server";

export interface FormHandle {
  /** What was entered; nothing if something in it is wrong, which the form then says. */
  submit: () => Record<string, unknown> | undefined;
}

interface Library {
  Form: new (options: object) => {
    importSchema(schema: object, data: object): Promise<unknown>;
    submit(): { data: Record<string, unknown>; errors: Record<string, unknown> };
    setProperty(name: string, value: unknown): void;
    destroy(): void;
  };
}

let loaded: Promise<Library> | undefined;

function load(): Promise<Library> {
  if (!loaded) {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = new URL(`assets/${FORMS_CSS}`, root).href;
    document.head.append(style);
    loaded = library<Library>(FORMS_JS);
  }
  return loaded;
}

interface Props {
  schema: string | object;
  data: Record<string, unknown>;
  isReadOnly?: boolean;
  handle: (handle: FormHandle) => void;
  /** It cannot be shown. */
  onProblem?: () => void;
}

export function FormOf({ schema, data, isReadOnly = false, handle, onProblem }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    let isOver = false;
    let form: InstanceType<Library["Form"]> | undefined;
    const show = async () => {
      const { Form } = await load();
      if (isOver || !box.current) return;
      form = new Form({ container: box.current });
      await form.importSchema(typeof schema === "string" ? (JSON.parse(schema) as object) : schema, data);
      if (isReadOnly) form.setProperty("readOnly", true);
      const shown = form;
      handle({
        submit() {
          const { data, errors } = shown.submit();
          return Object.keys(errors).length ? undefined : data;
        },
      });
    };
    show().catch((error: unknown) => {
      if (isOver) return;
      setProblem(String(error).slice(0, 300));
      onProblem?.();
    });
    return () => {
      isOver = true;
      form?.destroy();
    };
  }, [schema]);
  if (problem) return <p class="trouble">The form cannot be shown: {problem}</p>;
  return <div class="form-of" ref={box} />;
}

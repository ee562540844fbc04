// One stream of what changes, for all who watch something: tabs of a browser share it through a worker.

/** What somebody watches: these instances, or whether anything changes at all. */
export interface Wish {
  instances: string[];
  anything: boolean;
}

/** What is told: changes, that nobody knows what was missed, or that the stream is open or lost. */
export interface Said {
  kind: "open" | "lost" | "resync" | "changed";
  instances: string[];
  anything: boolean;
}

/** Instances that one stream watches; with more of them any change stands for all. */
const INSTANCES_MAX = 64;
/** Wishes that change at once are one. */
const GATHERED = 10;
/** How soon a stream that was refused is asked for again, ms. */
const REFUSED = 5_000;
const REFUSED_MAX = 60_000;

export class Streams {
  private wishes = new Map<object, Wish>();
  private source?: EventSource;
  private asked = "";
  /** The mark of what was told last. */
  private mark = "";
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pause = REFUSED;
  private isOpen = false;

  constructor(
    private root: string,
    private say: (said: Said) => void,
  ) {}

  /** What `who` watches from now on; nothing without a wish. */
  set(who: object, wish?: Wish): void {
    if (wish && (wish.anything || wish.instances.length)) this.wishes.set(who, wish);
    else this.wishes.delete(who);
    this.soon(GATHERED);
  }

  get opened(): boolean {
    return this.isOpen;
  }

  private soon(ms: number) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.reopen(), ms);
  }

  private query(): string {
    const wishes = [...this.wishes.values()];
    const instances = [...new Set(wishes.flatMap((wish) => wish.instances))].sort();
    const isMany = instances.length > INSTANCES_MAX;
    if (!wishes.length) return "";
    return `instances=${isMany ? "" : instances.join(",")}&anything=${isMany || wishes.some((wish) => wish.anything)}`;
  }

  private reopen() {
    const query = this.query();
    if (query === this.asked && this.source && this.source.readyState !== EventSource.CLOSED) return;
    this.source?.close();
    this.source = undefined;
    this.asked = query;
    if (!query) return this.tell("lost");
    const source = (this.source = new EventSource(`${this.root}live?${query}${this.mark && `&after=${this.mark}`}`));
    const isMany = query.startsWith("instances=&");
    const on = (kind: "open" | "resync" | "changed") => (event: MessageEvent<string>) => {
      if (source !== this.source) return;
      this.mark = event.lastEventId;
      this.pause = REFUSED;
      const { instances = [], anything = false } = JSON.parse(event.data) as Partial<Said>;
      // What nobody can tell apart concerns everybody.
      this.tell(kind === "changed" && isMany && this.isMany() ? "resync" : kind, instances, anything);
    };
    source.addEventListener("open", (event) => event instanceof MessageEvent && on("open")(event));
    source.addEventListener("changed", on("changed"));
    source.addEventListener("resync", on("resync"));
    source.addEventListener("error", () => {
      if (source !== this.source) return;
      this.tell("lost");
      // What breaks is opened again by the browser, with its mark; what is refused is not.
      if (source.readyState !== EventSource.CLOSED) return;
      this.asked = "";
      this.soon(this.pause);
      this.pause = Math.min(this.pause * 2, REFUSED_MAX);
    });
  }

  private isMany(): boolean {
    return [...this.wishes.values()].some((wish) => wish.instances.length);
  }

  private tell(kind: Said["kind"], instances: string[] = [], anything = false) {
    if (kind === "lost" && !this.isOpen) return;
    this.isOpen = kind !== "lost";
    this.say({ kind, instances, anything });
  }
}

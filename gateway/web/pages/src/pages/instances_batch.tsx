// The same for many instances, as a batch operation of the server: how many it concerns is said before, and has to be typed.

import { useEffect, useState } from "preact/hooks";
import type { Page } from "../server";
import { plural } from "../text";
import { total } from "../parts/table";
import { Ask, type Chosen, type Kind } from "./instances_ask";
import { Plan } from "./instances_plan";

const KINDS: Kind[] = [
  {
    title: "Try again", verb: "Try again", path: "incident-resolution", only: { state: "ACTIVE", errorMessage: { $exists: true } }, isDangerous: false,
    said: (count) => `All incidents of ${count} are resolved: what stopped is tried once more.`, left: "have none of their own (what one has called is tried again by itself)",
  },
  {
    title: "Suspend instances", verb: "Suspend", path: "suspension", only: { state: "ACTIVE" }, isDangerous: false,
    said: (count) => `${count} rest until they are resumed: their jobs are given to nobody, their timers and messages wait. Instances that they called go on unless they are among them.`, left: "have ended, or rest already",
  },
  {
    title: "Resume instances", verb: "Resume", path: "resumption", only: { state: "SUSPENDED" }, isDangerous: false,
    said: (count) => `${count} go on where they stand: timers that have become due in the meantime fire, messages that have come and are kept are taken.`, left: "are not suspended",
  },
  {
    title: "Migrate instances", verb: "Migrate", path: "migration", only: { state: "ACTIVE" }, isDangerous: true, plan: "migrate",
    said: (count) => `${count} go on in the other definition, each with its jobs, user tasks, incidents and variables: all of an instance, or nothing of it.`, left: "are of other definitions, have ended or are suspended",
  },
  {
    title: "Modify instances", verb: "Modify", path: "modification", only: { state: "ACTIVE" }, isDangerous: true, plan: "modify",
    said: (count) => `In ${count} all that stands at these elements moves; in which nothing does stays as it is.`, left: "are of other definitions, have ended or are suspended",
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
function narrowed(filter: Record<string, unknown>, only: Record<string, unknown>): Record<string, unknown> | undefined {
  const given = filter.state as string | undefined;
  const wanted = only.state as string | { $in: string[] };
  if (given && (typeof wanted === "string" ? wanted !== given : !wanted.$in.includes(given))) return undefined;
  const state = given ?? wanted;
  // Who asked for what one instance called has said so; those are ended with it.
  if (only.parentProcessInstanceKey && filter.parentProcessInstanceKey) return undefined;
  // What the list asks for already is narrower.
  return { ...only, ...filter, state };
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
  const isNone = !isAll && !chosen.size;
  // What was asked concerned what was chosen then.
  useEffect(() => setAsked(undefined), [JSON.stringify(filter), isNone]);
  if (isNone) return null;
  const of = (isAll ? filter : { processInstanceKey: { $in: [...chosen.keys()] } }) as Record<string, unknown>;
  return (
    <>
      <div class="batch" role="status">
        <b>{isAll ? `All ${all ? total(all) : ""} that are listed` : `${plural(chosen.size, "instance")} chosen`}</b>
        {KINDS.map((kind) => (
          <button type="button" class={kind.isDangerous && !kind.plan ? "danger" : ""} disabled={!narrowed(of, kind.only) || (!isAll && chosen.size > CHOSEN_MAX)} onClick={() => setAsked(kind)}>
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
      {asked?.plan && <Plan key={asked.path} kind={asked} chosen={chosen} filter={narrowed(of, asked.only) ?? of} all={isAll ? all?.totalItems : chosen.size} close={() => setAsked(undefined)} />}
      {asked && !asked.plan && <Ask kind={asked} filter={narrowed(of, asked.only) ?? of} chosen={isAll ? all?.totalItems : chosen.size} close={() => setAsked(undefined)} />}
    </>
  );
}

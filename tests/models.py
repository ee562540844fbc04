#!/usr/bin/env python3
"""Real models, deployed and played on the reference engine and on Ringbolt: are both of one opinion?

    tests/long models CLONES        CLONES holds git clones as OWNER/NAME

Every `.bpmn` file of the clones, each content once, becomes a scenario of its own: it is deployed, and what deploys is played by rounds until
nothing waits any more: jobs and user tasks are completed, messages that are waited for are published, time goes on. The reference engine plays
first and its record says what waits; then Ringbolt plays the same steps. `docs/models.jsonl` gets a line a model: repository, path, blob hash,
what each engine said to the deployment, and whether the records are equal. No model is kept.
Needs what docs/dev/reference.md needs.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
LIST = ROOT / "docs/models.jsonl"
ROUNDS_MAX = 8
STEPS_MAX = 80
HOUR_MS = 3_600_000
# What is known to differ, by the first line that does: of the reference's side and of Ringbolt's, and the scenario that shows it.
EXPLAINED = [
    ("", r"ELEMENT_ACTIVATING .*bpmnElementType=PROCESS .*parentElementInstanceKey=", "call_activity/011_fork"),
    (r"E VARIABLE CREATED .*name=results", "", "multi_instance/026_results_meanwhile"),
    (r"R rejection=INVALID_STATE .*message subscription .*already closing", "", "event_gateway/003_two_messages"),
    ("ELEMENT_COMPLETED .*bpmnElementType=PROCESS ", "E VARIABLE ", "execution_listener/021_after_interruption"),
]
CREATED = re.compile(r"^E (JOB|USER_TASK|PROCESS_MESSAGE_SUBSCRIPTION|TIMER|INCIDENT) CREATED\b(.*)$")


def git(clone, *arguments):
    return subprocess.run(["git", "-C", clone, *arguments], check=True, capture_output=True).stdout


def models_of(clones):
    """(repository, path, blob, content) of each content once, in the order of names."""
    seen = set()
    for clone in sorted(path for path in clones.glob("*/*") if path.is_dir()):
        for line in git(clone, "ls-tree", "-r", "HEAD").decode().splitlines():
            meta, path = line.split("\t", 1)
            blob = meta.split()[2]
            if path.endswith(".bpmn") and blob not in seen:
                seen.add(blob)
                yield f"{clone.parent.name}/{clone.name}", path, blob, git(clone, "cat-file", "blob", blob)


class Play:
    """One model's scenario, which grows by what the reference's record says is waiting."""

    def __init__(self, folder, faults, repository, path, blob, content):
        self.random = random.Random(blob) if faults else None
        self.repository, self.path, self.blob = repository, path, blob
        self.scenario = folder / blob[:2] / f"{blob[:16]}.scn"
        self.scenario.parent.mkdir(parents=True, exist_ok=True)
        model = folder / "models" / f"{self.scenario.stem}.bpmn"
        model.parent.mkdir(exist_ok=True)
        model.write_bytes(content)
        self.steps = [f"deploy {self.scenario.stem}.bpmn"]
        self.done = collections.Counter()
        self.write()

    def write(self):
        self.scenario.write_text("\n".join(self.steps) + "\n")

    def record(self):
        expected = self.scenario.with_suffix(".expected")
        return expected.read_text().splitlines() if expected.exists() else []

    def verdict(self):
        """What the reference said to the deployment."""
        for line in self.record():
            if line.startswith(("=", "!")):
                return "accepted" if line.startswith("=") else "refused"
        return "failed"

    def grow(self):
        """Adds a round. False when there is nothing more to do."""
        record = self.record()
        steps = self.starts(record) if len(self.steps) == 1 else self.waiting(record)
        if self.verdict() != "accepted" or not steps or len(self.steps) + len(steps) > STEPS_MAX:
            return False
        self.steps += steps
        self.write()
        return True

    def variables(self):
        return json.dumps({"v": self.random.randrange(4)}) if self.random else "{}"

    def starts(self, record):
        ids = [re.search(r"\bbpmnProcessId=(\S+)", line) for line in record if line.startswith("E PROCESS CREATED")]
        return [f"create {found.group(1)} {self.variables()}" for found in ids if found and '"' not in found.group(1)]

    def waiting(self, record):
        created = collections.defaultdict(list)
        for line in record:
            if found := CREATED.match(line):
                created[found.group(1)].append(found.group(2))
        steps = []
        fresh = lambda kind: range(self.done[kind] + 1, len(created[kind]) + 1)
        jobs = {re.search(r'\btype=("[^"]*"|\S+)', created["JOB"][number - 1]) for number in fresh("JOB")}
        fetch = " fetch=v,v0,mine,item" if self.random else ""
        steps += sorted({f"activate {found.group(1)} max=100{fetch}" for found in jobs if found})
        steps += [self.job(number, "jobKind=TASK_LISTENER" in created["JOB"][number - 1]) for number in fresh("JOB")]
        steps += [f"complete-task task{number}" for number in fresh("USER_TASK")]
        for number in fresh("PROCESS_MESSAGE_SUBSCRIPTION"):
            fields = created["PROCESS_MESSAGE_SUBSCRIPTION"][number - 1]
            name = re.search(r'\bmessageName=("[^"]*"|\S+)', fields)
            key = re.search(r'\bcorrelationKey=("[^"]*"|\S+)', fields)
            steps += [f"publish {name.group(1)} key={key.group(1)} {{}}"] if name and key else []
        if self.random:
            steps += [f"resolve incident{number}" for number in fresh("INCIDENT") if self.random.random() < 0.7]
            steps += ["cancel pi1"] if steps and self.random.random() < 0.03 else []
        if not steps and len(fresh("TIMER")):
            # Random processes wait for seconds.
            steps = ["advance 1000"] * 6 if self.random else [f"advance {HOUR_MS}", f"advance {24 * HOUR_MS}"]
            self.done["TIMER"] = len(created["TIMER"])
        for kind in ("JOB", "USER_TASK", "PROCESS_MESSAGE_SUBSCRIPTION", "INCIDENT"):
            self.done[kind] = len(created[kind])
        return steps

    def job(self, number, is_of_task):
        """What becomes of a job: it is completed, unless faults are wanted."""
        if not self.random:
            return f"complete job{number}"
        chance = self.random.random()
        if chance < 0.06:
            return f"fail job{number} retries=0"
        if chance < 0.12:
            return f"throw job{number} code=E"
        # The worker of a task listener must not bring any.
        return f"complete job{number} {'{}' if is_of_task else self.variables()}"


def reference(folder, names):
    """Lets the reference engine play these scenarios; a long list goes in parts."""
    for part in range(0, len(names), 500):
        environment = {**os.environ, "RINGBOLT_SCENARIOS": str(folder)}
        subprocess.run([ROOT / "tests/reference/run.sh", "record", *names[part : part + 500]], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ringbolt(folder):
    """Names of the scenarios that Ringbolt plays otherwise, with the first difference."""
    (folder / "DIFFERENCES.md").write_text("")
    environment = {**os.environ, "RINGBOLT_SCENARIOS": str(folder), "SCENARIO": "/"}
    command = ["cargo", "test", "--quiet", "--profile", os.environ.get("RINGBOLT_TEST_PROFILE", "ci"), "--package", "ringbolt-engine"]
    command += ["--test", "engine", "as_the_reference_engine_answers"]
    output = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    if output.returncode != 0 and "known to differ" not in output.stdout:
        sys.exit(output.stdout + output.stderr)
    parts = re.split(r"^(\w\w/\w+) \(known to differ: None\)$", output.stdout, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def judge(play, difference):
    """(what Ringbolt said to the deployment, whether the records are equal). The texts of refusals are not compared here."""
    theirs = play.verdict()
    if difference is None:
        return theirs, True
    actual = difference.partition("  actual:\n")[2]
    ours = "refused" if re.search(r"^ *> deploy .*\n *R rejection=", actual, flags=re.M) else "accepted"
    return ours, theirs == ours == "refused"


def explained(difference):
    """The scenario that shows why the records of a model differ; None where it is not known."""
    expected, _, actual = difference.partition("  actual:\n")
    lines = [expected.partition("  expected:\n")[2].splitlines(), actual.splitlines()]
    first = next((pair for pair in zip(*lines) if pair[0].strip() != pair[1].strip()), None)
    known = lambda entry: re.search(entry[0], first[0]) and re.search(entry[1], first[1])
    return next((entry[2] for entry in EXPLAINED if first and known(entry)), None)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clones", type=pathlib.Path)
    parser.add_argument("--keep", type=pathlib.Path, help="leave the scenarios in this directory, and take what it holds recorded")
    parser.add_argument("--faults", action="store_true", help="jobs bring variables, fail, and throw errors; instances are canceled")
    parser.add_argument("--no-list", action="store_true", help="leave docs/models.jsonl as it is; records that differ are a failure")
    parser.add_argument("--show", action="store_true", help="print the first difference of each model")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (arguments.keep or pathlib.Path(temporary)).resolve()
        plays = [Play(folder, arguments.faults, *model) for model in models_of(arguments.clones)]
        going = plays
        for number in range(ROUNDS_MAX + 1):
            reference(folder, [play.scenario.stem for play in going])
            going = [play for play in going if number < ROUNDS_MAX and play.grow()]
            print(f"{len(plays)} models, {len(going)} go on", file=sys.stderr)
            if not going:
                break
        differences = ringbolt(folder)
        lines, counts = [], collections.Counter()
        for play in plays:
            name = f"{play.scenario.parent.name}/{play.scenario.stem}"
            ours, is_equal = judge(play, differences.get(name))
            theirs = play.verdict()
            why = explained(differences[name]) if not is_equal and theirs == ours else None
            verdict = "equal" if is_equal else f"differ as in {why}" if why else "differ"
            counts[f"reference {theirs}, Ringbolt {ours}, records {verdict}"] += 1
            is_equal = is_equal or bool(why and arguments.faults)
            lines.append(dict(repository=play.repository, path=play.path, blob=play.blob, reference=theirs, ringbolt=ours, equal=is_equal))
            if arguments.show and not is_equal:
                print(f"{play.repository} {play.path} ({name})\n{differences[name]}")
    if not arguments.no_list:
        LIST.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    for verdict, count in sorted(counts.items()):
        print(f"{count:5} {verdict}")
    as_wanted = lambda line: line["reference"] == line["ringbolt"] and (line["equal"] or not arguments.no_list)
    return 0 if all(as_wanted(line) for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())

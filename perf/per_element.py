"""Two halves of per-element.sh.

    count                      exported records on stdin -> element instances of a process instance that nobody called
    share CPU_MS ELEMENTS      `perf script -F ip,sym,dso` on stdin -> microseconds of an element instance

A sample belongs to the crate that is innermost in its stack, whatever it called of the C library, the standard library or records'
layouts; what the kernel did is the kernel's.
"""

import collections
import json
import sys

from where import KERNEL, crate_of

# What is in `core/` and `state/`, as crates.
OURS = {
    f"ringbolt_{name}"
    for name in ("record feel xml dmn model engine partition store tables query exporters documents").split()
}
# Whoever called it owns it.
BELOW = {"libc", "core", "alloc", "std", "hashbrown", "smallvec", "rkyv", "rend", "xxhash_rust", "other (C, builtins)"}
SHOWN = 14


def count():
    elements, instances = 0, 0
    for line in sys.stdin:
        record = json.loads(line)
        if record.get("valueType") != "PROCESS_INSTANCE" or record.get("intent") != "ELEMENT_ACTIVATING":
            continue
        elements += 1
        value = record["value"]
        if value["bpmnElementType"] == "PROCESS" and value["parentProcessInstanceKey"] == -1:
            instances += 1
    print(f"{elements / instances:.1f}")


def stacks(lines):
    """Lists of crates, the innermost first."""
    stack = []
    for line in lines:
        words = line.split(None, 1)
        if len(words) == 2:
            symbol, _, dso = words[1].rpartition(" (")
            stack.append(KERNEL if "kernel" in dso else crate_of(dso, f"[.] {symbol}"))
        elif stack:
            yield stack
            stack = []
    if stack:
        yield stack


def share(cpu_ms, elements):
    cpu_us = cpu_ms * 1000
    owners = collections.Counter()
    for stack in stacks(sys.stdin):
        above = (crate for crate in stack if crate not in BELOW)
        owners[KERNEL if stack[0] == KERNEL else next(above, "nobody")] += 1
    samples = sum(owners.values())
    print(f"{elements:.1f} element instances and {cpu_us:.1f} us of server CPU a process instance, {samples} samples")
    ours = sum(number for crate, number in owners.items() if crate in OURS)
    for crate, number in [("core and state", ours), *owners.most_common(SHOWN), ("the whole server", samples)]:
        part = number / samples
        print(f"  {100 * part:6.2f}%  {part * cpu_us / elements:6.2f} us an element instance  {crate}")


def main():
    if sys.argv[1] == "count":
        count()
    else:
        share(float(sys.argv[2]), float(sys.argv[3]))


main()

#!/usr/bin/env python3
"""One table of the lines `ENGINE CASE prepared|json NANOSECONDS [ALLOCATIONS]`, the least of each: table.py FIGURES COMMIT
MACHINE [HISTORY]. With HISTORY it appends each figure there."""

import json
import sys

CASES = {
    "condition": '`a > 5 and b = "x"` over 30 variables',
    "arithmetic": "`orderTotal * 1.21 + shipping`",
    "document": "one field of a 32 KiB document",
    "table": "table of 5 inputs and 50 rules",
}
COLUMNS = (
    ("ringbolt", "json", "Ringbolt"),
    ("camunda", "prepared", "Camunda, values ready"),
    ("camunda", "json", "Camunda, from JSON"),
    ("dsntk", "prepared", "dsntk, values ready"),
    ("dsntk", "json", "dsntk, from JSON"),
)


def main():
    path, commit, machine, *history = sys.argv[1:]
    least, count, allocations = {}, {}, {}
    for line in open(path, encoding="utf-8"):
        engine, case, way, nanoseconds, *rest = line.split()
        key = (engine, case, way)
        least[key] = min(least.get(key, float("inf")), float(nanoseconds))
        count[key] = count.get(key, 0) + 1
        if rest:
            allocations[case] = float(rest[0])
    present = [column for column in COLUMNS if any(key[0] == column[0] and key[2] == column[1] for key in least)]
    print("| ns per evaluation | " + " | ".join(title for _, _, title in present) + " | Ringbolt's allocations |")
    print("|---" + "|--:" * (len(present) + 1) + "|")
    for case, title in CASES.items():
        values = [least.get((engine, case, way)) for engine, way, _ in present]
        cells = ["-" if value is None else f"{value:,.0f}" for value in values]
        print(f"| {title} | " + " | ".join(cells) + f" | {allocations.get(case, 0):g} |")
    if history:
        with open(history[0], "a", encoding="utf-8") as file:
            for (engine, case, way), value in sorted(least.items()):
                figure = {
                    "commit": commit,
                    "machine": machine,
                    "median": value,
                    "metric": f"feel/{engine}/{case}/{way}_best",
                    "n": count[(engine, case, way)],
                    "unit": "ns",
                }
                file.write(json.dumps(figure, separators=(",", ":")) + "\n")


main()

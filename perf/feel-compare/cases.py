#!/usr/bin/env python3
"""Writes the questions of feel-compare.sh into a folder: cases.jsonl and table.dmn.

A line of cases.jsonl is {"name", "expression", "variables", "result"} or, for the decision table,
{"name", "decision", "model", "namespace", "inputs": [variables...]}. Every engine reads the same files.
"""

import json
import sys
from pathlib import Path

RULES = 50
CELLS = ("region", "segment", "amount", "age", "vip")


def document():
    """A JSON document of 32 KiB whose last member is the one that is read."""
    items = []
    while True:
        number = len(items)
        items.append({"id": number, "name": f"item number {number}", "price": number + 0.5, "tags": ["a", "b"]})
        order = {"first": 1, "items": items, "last": {"status": "paid"}}
        if len(json.dumps(order)) >= 32 * 1024:
            return order


def table():
    """Five inputs, RULES rules of plain comparisons; every rule accepts one combination."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="model" name="model" namespace="https://example.com/bench">\n'
    ]
    for name, kind in zip(CELLS, ("string", "string", "number", "number", "boolean")):
        parts.append(f'<inputData id="in_{name}" name="{name}"><variable name="{name}" typeRef="{kind}"/></inputData>\n')
    parts.append('<decision id="discount" name="discount"><variable name="discount" typeRef="number"/>\n')
    for name in CELLS:
        parts.append(
            f'<informationRequirement id="need_{name}"><requiredInput href="#in_{name}"/></informationRequirement>\n'
        )
    parts.append('<decisionTable id="table" hitPolicy="FIRST">\n')
    for name in CELLS:
        parts.append(
            f'<input id="input_{name}"><inputExpression id="expression_{name}"><text>{name}</text></inputExpression></input>\n'
        )
    parts.append('<output id="output" name="discount"/>\n')
    for rule in range(RULES):
        low = rule * 10
        cells = (
            f'"region-{rule % 5}"',
            f'"segment-{rule % 3}"',
            f"[{low}..{low + 10})",
            f"&gt;= {18 + rule % 40}",
            "-" if rule % 2 == 0 else "false",
        )
        inside = "".join(f'<inputEntry id="r{rule}c{n}"><text>{c}</text></inputEntry>' for n, c in enumerate(cells))
        parts.append(
            f'<rule id="r{rule}">{inside}<outputEntry id="r{rule}o"><text>{rule % 30}</text></outputEntry></rule>\n'
        )
    parts.append("</decisionTable></decision></definitions>\n")
    return "".join(parts)


def rule_inputs(rule):
    return {
        "region": f"region-{rule % 5}",
        "segment": f"segment-{rule % 3}",
        "amount": rule * 10 + 4.5,
        "age": 64,
        "vip": False,
    }


def main():
    out = Path(sys.argv[1])
    thirty = {f"variable{n}": f"value {n}" for n in range(28)} | {"a": 7, "b": "x"}
    cases = [
        {"name": "condition", "expression": 'a > 5 and b = "x"', "variables": thirty, "result": True},
        {
            "name": "arithmetic",
            "expression": "orderTotal * 1.21 + shipping",
            "variables": {"orderTotal": 249.95, "shipping": 4.5},
            "result": 306.9395,
        },
        {
            "name": "document",
            "expression": 'order.last.status = "paid"',
            "variables": {"order": document()},
            "result": True,
        },
        {
            "name": "table",
            "decision": "discount",
            "model": "model",
            "namespace": "https://example.com/bench",
            "inputs": [rule_inputs(at * RULES // 64) for at in range(64)],
            "results": [at * RULES // 64 % 30 for at in range(64)],
        },
    ]
    out.mkdir(parents=True, exist_ok=True)
    (out / "cases.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases))
    (out / "table.dmn").write_text(table())


main()

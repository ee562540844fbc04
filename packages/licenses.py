#!/usr/bin/env python3
"""Writes the licences of everything that is in the binary: the crates that it is built of, and the packages of its pages.

usage: packages/licenses.py FILE      fails when one of them has no text and no licence whose text another one has
"""
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINE = "-" * 80 + "\n"


def shipped(metadata, of):
    """Packages that the binary is linked of: normal dependencies, all the way down. Procedural macros are not in it."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    packages = {package["id"]: package for package in metadata["packages"]}
    first = next(package["id"] for package in packages.values() if package["name"] == of)
    seen, left = set(), [first]
    while left:
        at = left.pop()
        if at in seen or any("proc-macro" in target["kind"] for target in packages[at]["targets"]):
            continue
        seen.add(at)
        for dep in nodes[at]["deps"]:
            if any(kind["kind"] is None for kind in dep["dep_kinds"]):
                left.append(dep["pkg"])
    return sorted((packages[at] for at in seen if packages[at]["source"]), key=lambda one: (one["name"], one["version"]))


def texts(package):
    folder = pathlib.Path(package["manifest_path"]).parent
    named = [folder / package["license_file"]] if package["license_file"] else []
    files = [file for file in sorted(folder.iterdir()) if file.name.lower().startswith(("licen", "copying", "unlicense", "notice"))]
    return [file.read_text(errors="replace").strip() for file in dict.fromkeys(named + files) if file.is_file()]


def main():
    target = "x86_64-unknown-linux-gnu"
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", target]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    by_text, without = {}, []
    for package in shipped(metadata, "ringbolt-server"):
        name = f"{package['name']} {package['version']} ({package['license'] or 'see the text'})"
        found = texts(package)
        if not found:
            without.append((name, package["license"], package["repository"]))
        for text in found:
            by_text.setdefault(text, []).append(name)
    # Who ships no text of its own names a licence: one of those whose text stands here.
    known = {name.split("(", 1)[1][:-1] for names in by_text.values() for name in names}
    alternatives = {part.strip(" ()") for expression in known for part in expression.replace("/", " OR ").split(" OR ")}
    for name, license, _ in without:
        parts = {part.strip(" ()") for part in (license or "").replace("/", " OR ").split(" OR ")}
        if not parts & alternatives:
            sys.exit(f"{name} has no text of its licence, and nobody else has it")
    pages = next((ROOT / "gateway/web/dist/assets").glob("licenses-*.txt")).read_text()
    with open(sys.argv[1], "w") as out:
        out.write("Ringbolt is licensed under Apache-2.0 (the file LICENSE). The binary holds what follows.\n" + LINE)
        for text, names in sorted(by_text.items(), key=lambda pair: pair[1]):
            out.write("\n".join(names) + "\n\n" + text + "\n" + LINE)
        for name, _, repository in without:
            out.write(f"{name}: by its licence, whose text stands above; {repository}\n")
        out.write(LINE + pages)
    print(f"{sum(map(len, by_text.values())) + len(without)} texts of {len(set(sum(by_text.values(), []))) + len(without)} crates")


main()

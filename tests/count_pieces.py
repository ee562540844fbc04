#!/usr/bin/env python3
"""Instructions that one piece of many takes, counted by callgrind: of 10,000 at most 1.2 times what one of 1,000 takes; of gateways with
1,000 and 2,000 branches, what one of 100 takes.

What the start takes falls out: it is that of a single piece. `tests/long pieces` calls it; KINDS in core/engine/tests/engine/pieces.rs.
"""

import json
import os
import re
import shutil
import subprocess
import sys

SIZES, BRANCHES = (1_000, 10_000), (100, 1_000, 2_000)
# The first kind that is one of branches.
FIRST_OF_BRANCHES = 6
DEARER_MAX = 1.2
# The rest takes minutes each; PIECE_KINDS=0,1,2,3,4,5,6,7,8,9 counts all.
KINDS = os.environ.get("PIECE_KINDS", "0,1,6,7,8,9")


def test_binary(profile):
    command = ["cargo", "test", "--profile", profile, "--package", "ringbolt-engine", "--test", "engine", "--no-run",
               "--message-format", "json"]
    lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.splitlines()
    found = [json.loads(line) for line in lines]
    return next(line["executable"] for line in found if line.get("executable") and line["target"]["name"] == "engine")


def instructions(binary, kind, pieces):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", binary, "--ignored", "--exact",
               "pieces::pieces_to_be_counted"]
    environment = dict(os.environ, KIND=str(kind), PIECES=str(pieces))
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stderr
    return int(re.search(r"Collected : (\d+)", said).group(1))


def main():
    if shutil.which("valgrind") is None:
        print("not counted: there is no valgrind")
        return 0
    binary = test_binary(sys.argv[1])
    is_fine = True
    for kind in (int(text) for text in KINDS.split(",")):
        start = instructions(binary, kind, 1)
        sizes = BRANCHES if kind >= FIRST_OF_BRANCHES else SIZES
        each = [(instructions(binary, kind, count) - start) / count for count in sizes]
        figures = ", ".join(f"{figure:,.0f} of {count:,}" for count, figure in zip(sizes, each))
        print(f"kind {kind}: instructions a piece: {figures}: {max(each) / each[0]:.2f}", flush=True)
        is_fine = is_fine and max(each) <= each[0] * DEARER_MAX
    return 0 if is_fine else 1


if __name__ == "__main__":
    sys.exit(main())

"""Groups perf's symbols by crate. Input: `perf report -F overhead,dso,symbol`; argument: CPU milliseconds an instance."""

import collections
import re
import sys

KERNEL = "kernel"
TOP_SYMBOLS = 45


def crate_of(dso, symbol):
    if "[k]" in symbol or "kernel" in dso:
        return KERNEL
    name = symbol.split("] ", 1)[-1].strip()
    # `<a::B as c::D>::e` is written in the crate of the type, or of the trait where the type is a builtin.
    path = re.sub(r"^_?[<&(\[]*(?:mut |dyn |impl )*", "", name)
    match = re.match(r"([A-Za-z_][A-Za-z0-9_]*)::", path)
    if match:
        return match.group(1)
    inner = re.search(r"\b(ringbolt_[a-z_]+)::", name)
    if inner:
        return inner.group(1)
    return "libc" if "libc" in dso else "other (C, builtins)"


def main():
    cpu_us = float(sys.argv[1]) * 1000
    crates, symbols = collections.Counter(), collections.Counter()
    for line in sys.stdin:
        match = re.match(r"\s*([0-9.]+)%\s+(\S+)\s+(\[.\] .*)", line)
        if not match:
            continue
        share, dso, symbol = float(match.group(1)), match.group(2), match.group(3).strip()
        crate = crate_of(dso, symbol)
        crates[crate] += share
        symbols[(crate, re.sub(r"::h[0-9a-f]{16}$", "", symbol[4:]))] += share
    print(f"\n{cpu_us:.1f} us of server CPU an instance\n    share   us each  crate")
    for crate, share in crates.most_common():
        if share >= 0.1:
            print(f"  {share:6.2f}%  {share * cpu_us / 100:7.2f}  {crate}")
    print("\n    share   us each  function")
    for (crate, symbol), share in symbols.most_common(TOP_SYMBOLS):
        print(f"  {share:6.2f}%  {share * cpu_us / 100:7.2f}  {crate}: {symbol[:150]}")


if __name__ == "__main__":
    main()

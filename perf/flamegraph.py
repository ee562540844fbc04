"""Draws `perf script` stacks (standard input) as a flame graph (SVG, standard output). Hover over a box for its whole name."""

import html
import re
import sys

WIDTH, ROW, FONT, NARROWEST = 1600, 16, 11, 0.3


def stacks(lines):
    stack = []
    for line in lines:
        if not line.strip():
            if stack:
                yield stack[::-1]
            stack = []
        elif line[0] in " \t":
            parts = line.split(None, 1)
            name = parts[1].strip() if len(parts) > 1 else parts[0]
            stack.append(re.sub(r"::h[0-9a-f]{16}$", "", name))
    if stack:
        yield stack[::-1]


def tree(all_stacks):
    root = ["all", 0, {}]
    for stack in all_stacks:
        node = root
        node[1] += 1
        for name in stack:
            node = node[2].setdefault(name, [name, 0, {}])
            node[1] += 1
    return root


def color(name):
    seed = sum(map(ord, name.split("::")[0]))
    if name.startswith("ringbolt") or "<ringbolt" in name:
        return f"rgb({205 + seed % 50},{110 + seed % 60},40)"
    return f"rgb({150 + seed % 60},{150 + seed % 60},{170 + seed % 60})"


def boxes(node, x, depth, scale, total, out):
    name, count, children = node
    width = count * scale
    if width < NARROWEST:
        return depth
    label = html.escape(name)
    shown = html.escape(name[: int(width / (FONT * 0.6))]) if width > 30 else ""
    out.append((depth, f'<g><title>{label} ({count * 100 / total:.2f}%)</title><rect x="{x:.1f}" y="@Y" width="{width:.1f}" '
                       f'height="{ROW - 1}" fill="{color(name)}"/><text x="{x + 2:.1f}" y="@T">{shown}</text></g>'))
    deepest = depth
    for child in sorted(children.values(), key=lambda child: child[0]):
        deepest = max(deepest, boxes(child, x, depth + 1, scale, total, out))
        x += child[1] * scale
    return deepest


def main():
    sys.setrecursionlimit(10_000)
    root = tree(stacks(sys.stdin))
    if root[1] == 0:
        sys.exit("no samples")
    out = []
    deepest = boxes(root, 0, 0, WIDTH / root[1], root[1], out)
    height = (deepest + 1) * ROW
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="monospace" font-size="{FONT}">')
    for depth, text in out:
        y = height - (depth + 1) * ROW
        print(text.replace("@Y", str(y)).replace("@T", str(y + ROW - 4)))
    print("</svg>")


main()

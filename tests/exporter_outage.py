#!/usr/bin/env python3
"""A steady load with an exporter whose directory goes away and comes back: is anything growing?

    tests/long exporter-outage                             30 minutes at 1,000 instances a second
    tests/long exporter-outage --seconds 180 --cycle 30    a shorter run

Memory, descriptors, bytes of the log and CPU per instance are sampled every second. Only samples around the end and the beginning
of a cycle count, when the directory has been back for a while, so that one cycle is compared with the next. A line is laid through each
figure from the second cycle on, and what it would add over the whole run, less twice its standard error, is held against a bound: a
short run on a busy machine says less, and must not say more. Checkpoints come often (16 MiB of log), so that the log's rise from
one to the next is small against its bound. Exit code 1 when something grows, 2 when the run itself went wrong. Only processes that were
started here are ended.
"""

import argparse
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
CONFIG = """
reader-budget-mib = 64
reader-spill-mib = 64
[exporters.audit]
type = "jsonl"
directory = "{out}"
file-mib = 16
value-types = ["PROCESS_INSTANCE_CREATION"]
record-types = ["EVENT"]
"""
# What a figure may gain over the whole run, in its unit: a share of its mean, and a constant.
BOUNDS = {"memory MiB": (0.05, 8), "mapped MiB": (0.05, 16), "descriptors": (0, 2), "log MiB": (0.1, 64), "cpu ms/instance": (0.05, 0.002)}
# An exporter that missed an outage has caught up within this, seconds.
SETTLE_MAX = 60


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=1800, help="length of the load [1800]")
    parser.add_argument("--rate", type=int, default=1000, help="instances a second [1000]")
    parser.add_argument("--cycle", type=int, default=180, help="seconds of a cycle, the directory is away for a third [180]")
    parser.add_argument("--ringbolt", default=str(ROOT / "target/release/ringbolt"), help="the binary")
    parser.add_argument("--directory", default=None, help="where data goes, on a real disk [a temporary directory]")
    return parser.parse_args()


class Server:
    def __init__(self, binary, directory, config):
        self.log_path = directory / "server.log"
        command = [binary, "start", "--config", str(config), "--data-dir", str(directory / "data"), "--segment-mib", "32", "--checkpoint-log-mib", "16"]
        command += ["--rest", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--management", "127.0.0.1:0"]
        with open(self.log_path, "w") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        self.addresses = {}
        while len(self.addresses) < 3:
            line = self.process.stdout.readline()
            if not line:
                sys.exit("the server ended: " + self.log_path.read_text())
            found = re.match(r"\s+(rest|grpc|management)\s+(?:https?://)?([0-9.:]+)", line)
            if found:
                self.addresses[found[1]] = found[2]

    def metrics(self):
        with urllib.request.urlopen(f"http://{self.addresses['management']}/metrics", timeout=10) as answer:
            page = answer.read().decode()
        found = {}
        for line in page.splitlines():
            if not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                name = name.split("{")[0].removeprefix("ringbolt_")
                found[name] = found.get(name, 0) + float(value)
        return found

    def sample(self):
        proc = pathlib.Path(f"/proc/{self.process.pid}")
        stat = (proc / "stat").read_text().rsplit(")", 1)[1].split()
        metrics = self.metrics()
        status = (proc / "status").read_text()
        resident = lambda name: int(re.search(rf"{name}:\s+(\d+)", status)[1]) / 1024
        return {
            "memory MiB": resident("RssAnon"),
            # Pages of the base that were read or written; the kernel takes them back when it needs them.
            "mapped MiB": resident("RssFile"),
            "descriptors": len(os.listdir(proc / "fd")),
            "log MiB": metrics["core_journal_bytes"] / (1 << 20),
            "cpu": (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK"),
            # One command creates an instance, one completes its job.
            "instances": metrics["commands_total"] / 2,
            "lag": metrics["exporter_lag_positions"],
            "gaps": metrics["exporter_gaps_total"],
        }


def remove_closed(out):
    """Files but the last of each partition do not change any more: a long run must not fill the disk with them."""
    partitions = {}
    for path in sorted(out.glob("partition-*.jsonl")):
        partitions.setdefault(path.name.split("-")[1], []).append(path)
    for paths in partitions.values():
        for path in paths[:-1]:
            path.unlink()


def follow(args, server, bench, out, away):
    """Moves the directory away and back, and samples, until the load ends."""
    samples, started, outages = [], time.monotonic(), 0
    while bench.poll() is None:
        time.sleep(1)
        if server.process.poll() is not None:
            sys.exit(f"the server ended with {server.process.returncode}: " + server.log_path.read_text()[-2000:])
        second = time.monotonic() - started
        if second > args.seconds + 120:
            sys.exit("the load does not end")
        place = second % args.cycle / args.cycle
        is_away = 1 / 3 <= place < 2 / 3
        if is_away and out.exists():
            out.rename(away)
            outages += 1
        elif not is_away and away.exists():
            away.rename(out)
        if out.exists():
            remove_closed(out)
        samples.append(server.sample() | {"second": second, "counts": place > 0.85 or place < 0.3})
    if away.exists():
        away.rename(out)
    settled = time.monotonic()
    while server.sample()["lag"] > 0 and time.monotonic() - settled < SETTLE_MAX:
        time.sleep(0.5)
    samples.append(server.sample() | {"second": time.monotonic() - started, "counts": False})
    return samples, outages


def run(args, directory):
    out, config = directory / "out", directory / "ringbolt.toml"
    config.write_text(CONFIG.format(out=out))
    server = Server(args.ringbolt, directory, config)
    load = [args.ringbolt, "bench", "--grpc", server.addresses["grpc"], "--rate", str(args.rate)]
    load += ["--duration", str(args.seconds), "--work-delay-ms", "1"]
    with open(directory / "bench.log", "w") as log:
        bench = subprocess.Popen(load, stdout=log, stderr=subprocess.STDOUT)
    try:
        samples, outages = follow(args, server, bench, out, directory / "away")
        if bench.returncode != 0:
            sys.exit("the load failed: " + (directory / "bench.log").read_text()[-2000:])
        return samples, outages
    finally:
        for process in (bench, server.process):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(30)


def slope(points):
    """The line through points by least squares: what it gains a second, the standard error of that, and the mean."""
    mean_x, mean_y = (sum(values) / len(points) for values in zip(*points))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    gain = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    off = sum((y - mean_y - gain * (x - mean_x)) ** 2 for x, y in points)
    return gain, (off / max(1, len(points) - 2) / spread) ** 0.5, mean_y


def cpu_points(samples, apart):
    """CPU of an instance between samples some seconds apart, both of which count."""
    points = []
    for before, after in zip(samples, samples[apart:]):
        instances = after["instances"] - before["instances"]
        if instances > 0 and before["counts"] and after["counts"]:
            points.append((after["second"], (after["cpu"] - before["cpu"]) * 1000 / instances))
    return points


def judge(args, samples, outages):
    counted = [sample for sample in samples if sample["counts"] and sample["second"] > args.cycle]
    points = {name: [(sample["second"], sample[name]) for sample in counted] for name in list(BOUNDS)[:3]}
    apart = max(2, min(10, args.cycle // 10))
    points["cpu ms/instance"] = [point for point in cpu_points(samples, apart) if point[0] > args.cycle]
    if outages < 2 or min(len(series) for series in points.values()) < 5:
        sys.exit("too short: at least two cycles are needed")
    first, last = samples[0], samples[-1]
    done = last["instances"] - first["instances"]
    print(f"{done:.0f} instances in {last['second']:.0f} s, {outages} outages of {args.cycle // 3} s, "
          f"{last['gaps']:.0f} gaps, lag {last['lag']:.0f} at the end")
    print(f"{'figure':<18}{'mean':>12}{'slope a minute':>18}{'over the run':>14}{'+-':>10}{'bound':>10}  verdict")
    is_flat = last["lag"] == 0
    for name, series in points.items():
        gain, error, mean = slope(series)
        share, constant = BOUNDS[name]
        bound, over_run, doubt = share * mean + constant, gain * args.seconds, 2 * error * args.seconds
        grows = over_run - doubt > bound
        is_flat &= not grows
        print(f"{name:<18}{mean:>12.3f}{gain * 60:>18.4f}{over_run:>14.3f}{doubt:>10.3f}{bound:>10.3f}  {'GROWS' if grows else 'flat'}")
    print("verdict: flat" if is_flat else "verdict: not flat, or the exporter did not catch up")
    return 0 if is_flat else 1


def main():
    args = arguments()
    try:
        with tempfile.TemporaryDirectory(prefix="ringbolt-outage-", dir=args.directory) as directory:
            return judge(args, *run(args, pathlib.Path(directory)))
    except SystemExit as ended:
        print(ended.code, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""How much of a create over REST goes into routing and validation, without the scan of the variables.

Counts instructions with callgrind (needs valgrind) in two servers, one of which gets 1,000 creates more: what the start takes falls out
of the difference. The kernel's are not among them, so the share of the CPU is smaller still. One connection, HTTP/1.1, 1 KiB variables.
usage: perf/create-share.py [BINARY]      the server, built with symbols (target/release/ringbolt)
"""
import http.client
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BINARY = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "target/release/ringbolt")
FEW, MANY = 200, 1200
# Functions whose whole cost counts, and those called by them that are the scan of the variables.
PARTS = {
    "routing": ["ringbolt_rest::route::route"],
    "content type, query, path": [
        "ringbolt_rest::rest::Head::check_json",
        "ringbolt_rest::parameters::read_query",
        "ringbolt_rest::parameters::check_path",
    ],
    "validation": ["ringbolt_rest::validate::read"],
}
SCAN = ["ringbolt_record::variables::CheckedText::new", "ringbolt_record::variables::VariableDocument::parse_at"]


def start(folder, name):
    banner = open(folder / f"{name}.banner", "w+")
    profile = folder / f"{name}.profile"
    server = subprocess.Popen(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", BINARY, "start", "--data-dir", folder / name]
        + "--cores 0 --rest 127.0.0.1:0 --grpc 127.0.0.1:0 --management 127.0.0.1:0".split()
        + "--epoll --map-gib 1 --response-target-ms 0 --no-secondary-storage".split(),
        stdout=banner,
        stderr=open(folder / f"{name}.log", "w"),
    )
    for _ in range(600):
        banner.seek(0)
        text = banner.read()
        if "management" in text:
            return server, int(re.search(r"rest +http://127.0.0.1:(\d+)", text).group(1)), profile
        time.sleep(0.1)
    server.kill()
    sys.exit("the server does not come up")


def ask(connection, path, body, content_type):
    connection.request("POST", path, body, {"content-type": content_type, "accept": "application/json"})
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, answer.status


def counted(folder, name, creates):
    server, port, profile = start(folder, name)
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        model = (ROOT / "tests/clients/one_task.bpmn").read_text().replace("PROCESS_ID", "p").replace("JOB_TYPE", "none")
        head = 'Content-Disposition: form-data; name="resources"; filename="p.bpmn"\r\nContent-Type: text/xml'
        deployment = f"--edge\r\n{head}\r\n\r\n{model}\r\n--edge--\r\n"
        ask(connection, "/v2/deployments", deployment, "multipart/form-data; boundary=edge")
        body = json.dumps({"processDefinitionId": "p", "variables": {"payload": "x" * 1024}})
        for _ in range(creates):
            ask(connection, "/v2/process-instances", body, "application/json")
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()
    return read(profile)


def read(profile):
    """Instructions by called function (the cost of its calls, all callers together), and those of the program."""
    command = ["callgrind_annotate", "--inclusive=yes", "--tree=calling", "--threshold=100", str(profile)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    total = int(re.search(r"([\d,]+) .*PROGRAM TOTALS", text).group(1).replace(",", ""))
    calls = {}
    for line in text.splitlines():
        called = re.match(r"\s*([\d,]+) \(.*?\)\s+>\s+\S+?:(.*?) \([\d,]+x\)", line)
        if called:
            calls[called.group(2)] = calls.get(called.group(2), 0) + int(called.group(1).replace(",", ""))
    return total, calls


with tempfile.TemporaryDirectory(prefix="ringbolt-perf.") as folder:
    few, many = (counted(Path(folder), name, creates) for name, creates in (("few", FEW), ("many", MANY)))
one = lambda name: (many[1].get(name, 0) - few[1].get(name, 0)) / (MANY - FEW)
total = (many[0] - few[0]) / (MANY - FEW)
for name in sum(PARTS.values(), []) + SCAN:
    assert one(name) > 0, f"{name} is not in the profile: was it inlined or renamed?"
costs = {part: sum(map(one, names)) for part, names in PARTS.items()}
scan = sum(map(one, SCAN))
costs["validation"] -= scan
for part, cost in costs.items():
    print(f"{cost:8.0f} instructions  {100 * cost / total:5.2f} %  {part}")
print(f"{scan:8.0f} instructions  {100 * scan / total:5.2f} %  scan of the variables, not counted")
print(f"{sum(costs.values()):8.0f} of {total:.0f} instructions of a create: {100 * sum(costs.values()) / total:.2f} %")

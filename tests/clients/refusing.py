"""Runs a client against a server that refuses most new work for some seconds, by its write limit.

usage: refusing.py MANAGEMENT-ADDRESS COMMAND...        MANAGEMENT-ADDRESS: host:port

The command gets RINGBOLT_SECONDS, how long the server refuses from when it prints BEGIN. Afterwards the server takes everything again. Exit code: the command's, or 1 when
the server did not refuse anything.
"""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request

MANAGEMENT = sys.argv[1]
SECONDS = float(os.environ.get("RINGBOLT_SECONDS", "6"))
# An instance is a dozen records, so that some are taken all the time.
RECORDS_PER_SECOND = 10


def set_limit(write):
    body = json.dumps({"write": write}).encode()
    request = urllib.request.Request(f"http://{MANAGEMENT}/actuator/flowControl", body, {"content-type": "application/json"})
    urllib.request.urlopen(request, timeout=10).close()


def refusals():
    with urllib.request.urlopen(f"http://{MANAGEMENT}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("ringbolt_refusals_total") and "write_limit" in line)


def main():
    before = refusals()
    set_limit({"enabled": True, "limit": RECORDS_PER_SECOND})
    end = threading.Timer(SECONDS, set_limit, [{"enabled": False}])
    environment = os.environ | {"RINGBOLT_SECONDS": str(SECONDS)}
    command = subprocess.Popen(sys.argv[2:], env=environment, stdout=subprocess.PIPE, text=True)
    for line in command.stdout:
        if line == "BEGIN\n":
            end.start()
        else:
            print(line, end="", flush=True)
    code = command.wait()
    end.cancel()
    set_limit({"enabled": False})
    # Figures are published each second.
    time.sleep(1.2)
    refused = refusals() - before
    if refused == 0:
        sys.exit("FAIL the server refused nothing")
    print(f"     ({refused:.0f} requests were refused)")
    sys.exit(code)


main()

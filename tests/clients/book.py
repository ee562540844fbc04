"""Runs what the documentation's first pages say: their files are written, their commands run one after the other, as a reader would.

usage: book.py BINARY [LANGUAGE...]    of the workers, those languages whose clients are there; the others are left out with their word
RINGBOLT_REST, RINGBOLT_GRPC: where the server is; BOOK_PYTHON, BOOK_NODE, BOOK_JAVA: python with pyzeebe, a folder with node_modules,
a class path with camunda-client-java
"""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

DOCS = pathlib.Path(__file__).resolve().parent.parent.parent / "docs"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.M | re.S)
LANGUAGES = {"python": "BOOK_PYTHON", "node": "BOOK_NODE", "java": "BOOK_JAVA"}
REST = os.environ.get("RINGBOLT_REST", "http://127.0.0.1:8080")
GRPC = os.environ.get("RINGBOLT_GRPC", "127.0.0.1:26500")


def stand_in(language):
    """Completes one job of a language whose client is not there."""
    return f"""
curl -s -H 'content-type: application/json' {REST}/v2/jobs/activation -d '{{"type":"work-in-{language}","timeout":60000,"maxJobsToActivate":1,"requestTimeout":60000}}' >stand_in.json
curl -s -H 'content-type: application/json' -d '{{"variables":{{"with_tax":119.0}}}}' {REST}/v2/jobs/$(grep -o '"jobKey":"[0-9]*"' stand_in.json | grep -o '[0-9]*')/completion
"""


def script(page, there):
    """The page's commands as one script; its files are written into the folder that is the current one."""
    lines, commands = ["set -euo pipefail"], 0
    for language, what, text in BLOCK.findall((DOCS / page).read_text()):
        text = text.replace("http://127.0.0.1:8080", REST).replace("http://127.0.0.1:26500", f"http://{GRPC}").replace("127.0.0.1:26500", GRPC)
        if what and what.startswith("file="):
            pathlib.Path(what.removeprefix("file=")).write_text(text)
        elif language == "sh" and what in LANGUAGES and what not in there:
            lines.append(f"({stand_in(what)}) &")
        elif language == "sh" and what != "server":
            commands += len(text.strip().splitlines())
            lines.append(text)
    assert commands > 5, page
    return "\n".join(lines)


def run(page, there, binary):
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        binaries = pathlib.Path("bin")
        binaries.mkdir()
        shutil.copy(binary, binaries / "ringbolt")
        env = {**os.environ, "RINGBOLT_SERVER": REST, "PATH": f"{binaries.resolve()}:{os.environ['PATH']}"}
        if "python" in there:
            (binaries / "python").write_text(f'#!/bin/sh\nexec "{os.environ["BOOK_PYTHON"]}" "$@"\n')
            (binaries / "python").chmod(0o755)
        if "node" in there:
            pathlib.Path("node_modules").symlink_to(pathlib.Path(os.environ["BOOK_NODE"]) / "node_modules")
        if "java" in there:
            env["CLASSPATH"] = os.environ["BOOK_JAVA"]
        bash = subprocess.Popen(["bash", "-c", script(page, there)], env=env, text=True, start_new_session=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            # Workers that go on hold the pipe: what bash says is read until it ends.
            code = bash.wait(timeout=120)
        except subprocess.TimeoutExpired:
            code = "too long"
        with contextlib.suppress(ProcessLookupError):
            os.killpg(bash.pid, signal.SIGKILL)
        said = bash.stdout.read()
        os.chdir("/")
    assert code == 0, f"{page} ended with {code}:\n{said}"
    return said


def main():
    binary, there = sys.argv[1], sys.argv[2:]
    said = run("first-process.md", there, binary)
    for wanted in ("waits at 'send' for a worker of job type 'send-first-invoice'", "the mailbox is full", "is resolved", "completed"):
        assert wanted in said, f"first-process.md says nothing of {wanted!r}:\n{said}"
    print("PASS book the first process")
    said = run("workers.md", there, binary)
    assert "completed" in said and "done" in said, said
    print(f"PASS book workers: {', '.join(there)}, shell")


main()

"""What the programs share: steps with a PASS line each, wrong answers that end the program, and the models. It knows of no SDK.

RINGBOLT_SKIP leaves out steps and checks by name, for a server that lacks something.
"""

import asyncio
import contextlib
import os
import pathlib
import sys
import tempfile
import time
import uuid

SKIP = os.environ.get("RINGBOLT_SKIP", "").split(",")
STEP_SECONDS = 30
RUN = uuid.uuid4().hex[:8]
MODELS = pathlib.Path(__file__).parent.parent


class Wrong(Exception):
    """An answer that is not what a user was promised."""


def check(what, got, wanted):
    if got != wanted and what not in SKIP:
        raise Wrong(f"{what}: got {got!r}, wanted {wanted!r}")


async def step(client, what, work, errors):
    """Runs one step; the first one that goes wrong, or raises one of the client's errors, ends the program."""
    if what in SKIP:
        work.close()
        return
    name = f"{client} {what}"
    began = time.monotonic()
    try:
        await asyncio.wait_for(work, STEP_SECONDS)
    except asyncio.TimeoutError:
        sys.exit(f"FAIL {name}: no result within {STEP_SECONDS} s")
    except (Wrong, *errors) as error:
        sys.exit(f"FAIL {name}: {type(error).__name__}: {error}")
    print(f"PASS {name} ({(time.monotonic() - began) * 1000:.0f} ms)", flush=True)


@contextlib.asynccontextmanager
async def refused(what, *errors):
    """A block that must end with one of these errors."""
    try:
        yield
    except errors:
        return
    raise Wrong(f"{what} was not refused")


@contextlib.contextmanager
def file_of(model, name, **texts):
    """One of the models as a file of this name, with texts in place of its words."""
    text = (MODELS / model).read_text()
    for word, wanted in texts.items():
        text = text.replace(word, wanted)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / name
        path.write_text(text)
        yield str(path)


def names_of(name):
    """A process and a job type of its own for a step, so that no worker of an earlier step takes its jobs."""
    return f"python_{name}_{RUN}", f"python-{name}-{RUN}"

"""What pyzeebe does while a server refuses: a command raises, and its user asks again; a worker goes on by itself.

Takes RINGBOLT_GRPC and RINGBOLT_SECONDS, how long the server is made to refuse (see tests/clients/refusing.py).
"""

import asyncio
import os
import pathlib
import sys
import tempfile
import time
import uuid

from pyzeebe import Job, ZeebeClient, ZeebeWorker, create_insecure_channel
from pyzeebe.errors import ZeebeBackPressureError

ADDRESS = os.environ["RINGBOLT_GRPC"]
SECONDS = float(os.environ["RINGBOLT_SECONDS"])
RUN = uuid.uuid4().hex[:8]
MODEL = pathlib.Path(__file__).parent.parent / "one_task.bpmn"
PROCESS, JOB_TYPE = f"python_overload_{RUN}", f"python-overload-{RUN}"


async def patiently(ask):
    """Asks until the server takes it; how often it was refused."""
    refused = 0
    while True:
        try:
            await ask()
            return refused
        except ZeebeBackPressureError:
            refused += 1
            await asyncio.sleep(0.2)


async def main():
    channel = create_insecure_channel(grpc_address=ADDRESS)
    client, worker, done = ZeebeClient(channel), ZeebeWorker(channel), []

    @worker.task(task_type=JOB_TYPE)
    async def work(job: Job):
        done.append(job.process_instance_key)

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "refused.bpmn"
        path.write_text(MODEL.read_text().replace("PROCESS_ID", PROCESS).replace("JOB_TYPE", JOB_TYPE))
        await patiently(lambda: client.deploy_resource(str(path)))
    working = asyncio.create_task(worker.work())
    until, created, refused, keys = time.monotonic() + SECONDS + 1, 0, 0, []

    async def create():
        keys.append((await client.run_process(PROCESS)).process_instance_key)

    print("BEGIN", flush=True)
    while time.monotonic() < until:
        refused += await patiently(create)
        created += 1
        await asyncio.sleep(0.05)
    late = time.monotonic() + 30
    while len(set(done)) < created and time.monotonic() < late:
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)
    if working.done():
        sys.exit(f"FAIL pyzeebe refused: the worker ended: {working.exception()!r}")
    await worker.stop()
    await channel.close()
    # Nothing is there that nobody was told of, and nothing was done twice.
    if sorted(done) != sorted(set(keys)) or refused == 0:
        sys.exit(f"FAIL pyzeebe refused: {created} created, {len(done)} done, {len(set(done))} of them once, {refused} refused")
    print(f"PASS pyzeebe refused ({created} created and done once, its user saw {refused} refusals)")


asyncio.run(main())

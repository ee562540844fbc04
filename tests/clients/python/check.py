"""A new user's program against pyzeebe: deploy, create, work, fail, cancel, and look at every answer.

Takes RINGBOLT_GRPC (127.0.0.1:26500), and with RINGBOLT_CA, a PEM file to trust, speaks TLS. RINGBOLT_TENANTS names the tenants of a
stream, for a server that wants them named (a user of a server without tenants names none).
"""

import asyncio
import contextlib
import functools
import logging
import os
import pathlib

import grpc
from pyzeebe import Job, ZeebeClient, ZeebeWorker, create_insecure_channel, create_secure_channel
from pyzeebe.errors import (
    DecisionNotFoundError,
    JobAlreadyDeactivatedError,
    JobNotFoundError,
    MessageAlreadyExistsError,
    ProcessDefinitionNotFoundError,
    ProcessInstanceNotFoundError,
    PyZeebeError,
)
from pyzeebe.grpc_internals.zeebe_adapter import ZeebeAdapter

import steps
from steps import RUN, check, file_of, names_of, refused

ADDRESS = os.environ.get("RINGBOLT_GRPC", "127.0.0.1:26500")
CA = os.environ.get("RINGBOLT_CA")
TENANTS = [tenant for tenant in os.environ.get("RINGBOLT_TENANTS", "").split(",") if tenant]

step = functools.partial(steps.step, "pyzeebe", errors=[PyZeebeError])


async def topology(client):
    answer = await client.topology()
    check("brokers", len(answer.brokers) >= 1, True)
    check("partitions", answer.partitions_count >= 1, True)
    # SDKs switch features by the version a gateway reports, so it must look like Camunda's.
    check("gateway version", answer.gateway_version.startswith("8."), True)


async def health(client):
    check("status", (await client.healthcheck()).status, 1)


async def deploy_model(client, name):
    process, job_type = names_of(name)
    with file_of("one_task.bpmn", f"{name}.bpmn", PROCESS_ID=process, JOB_TYPE=job_type) as path:
        answer = await client.deploy_resource(path)
    return process, job_type, answer.deployments[0]


async def deploy(client):
    process, _, first = await deploy_model(client, "deploy")
    check("process id", first.bpmn_process_id, process)
    check("version", first.version, 1)
    check("resource", first.resource_name, "deploy.bpmn")


async def deploy_again(client):
    _, _, first = await deploy_model(client, "again")
    _, _, again = await deploy_model(client, "again")
    check("same model again", again.process_definition_key, first.process_definition_key)


async def create(client):
    process, _, _ = await deploy_model(client, "create")
    answer = await client.run_process(process, variables={"x": 1})
    check("process id", answer.bpmn_process_id, process)
    check("version", answer.version, 1)
    check("key", answer.process_instance_key > 0, True)


@contextlib.asynccontextmanager
async def worker(channel, job_type, handler, **settings):
    """A worker of the user's, running as long as the block."""
    running = ZeebeWorker(channel, name="python-check", poll_retry_delay=1, **settings)
    running.task(task_type=job_type, timeout_ms=20_000)(handler)
    work = asyncio.create_task(running.work())
    try:
        yield
    finally:
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work


async def double(x: int) -> dict:
    return {"doubled": x * 2}


async def work(client, channel, name, count, **settings):
    process, job_type, _ = await deploy_model(client, name)
    async with worker(channel, job_type, double, **settings):
        answers = await asyncio.gather(
            *(client.run_process_with_result(process, variables={"x": x}, timeout=20_000) for x in range(count))
        )
    for x, answer in enumerate(answers):
        check("result", answer.variables, {"x": x, "doubled": x * 2})


async def chosen_variables(client, channel):
    process, job_type, _ = await deploy_model(client, "chosen")
    async with worker(channel, job_type, double):
        answer = await client.run_process_with_result(
            process, variables={"x": 4, "y": "left out"}, timeout=20_000, variables_to_fetch=["doubled"]
        )
    check("result", answer.variables, {"doubled": 8})


async def stream_only(client, channel):
    """The stream alone, without the polls that the worker always adds."""
    process, job_type, _ = await deploy_model(client, "alone")
    adapter = ZeebeAdapter(channel)
    jobs = adapter.stream_activate_jobs(job_type, "python-stream", 20_000, [], 25, TENANTS)

    async def create_soon():
        await asyncio.sleep(0.3)
        return await client.run_process(process, variables={"x": 5})

    creating = asyncio.create_task(create_soon())
    job = await anext(jobs)
    created = await creating
    check("instance", job.process_instance_key, created.process_instance_key)
    check("variables", dict(job.variables), {"x": 5})
    check("headers", dict(job.custom_headers), {"unit": "cm"})
    check("worker", job.worker, "python-stream")
    check("retries", job.retries, 3)
    await adapter.complete_job(job.key, {})
    await jobs.aclose()
    async with refused("a second completion", JobNotFoundError, JobAlreadyDeactivatedError):
        await adapter.complete_job(job.key, {})


async def fail_and_retry(client, channel):
    process, job_type, _ = await deploy_model(client, "retry")
    seen = []

    async def flaky(job: Job, x: int) -> dict:
        seen.append(job.retries)
        if len(seen) == 1:
            raise RuntimeError("the first try fails")
        return {"doubled": x * 2}

    async with worker(channel, job_type, flaky):
        answer = await client.run_process_with_result(process, variables={"x": 7}, timeout=20_000)
    check("retries seen", seen, [3, 2])
    check("result", answer.variables["doubled"], 14)


async def cancel(client):
    process, _, _ = await deploy_model(client, "cancel")
    answer = await client.run_process(process, variables={"x": 1})
    await client.cancel_process_instance(answer.process_instance_key)
    async with refused("a second cancellation", ProcessInstanceNotFoundError):
        await client.cancel_process_instance(answer.process_instance_key)


async def unknown_process(client):
    async with refused("an unknown process", ProcessDefinitionNotFoundError):
        await client.run_process(f"python_unknown_{RUN}")


async def messages(client):
    process, message = names_of("message")
    with file_of("one_message.bpmn", "one_message.bpmn", PROCESS_ID=process, MESSAGE_NAME=message) as path:
        await client.deploy_resource(path)
    waiting = client.run_process_with_result(process, variables={"order": RUN}, timeout=20_000)
    waiting = asyncio.create_task(waiting)
    published = await client.publish_message(message, RUN, variables={"paid": True}, message_id="once")
    check("key", published.key > 0, True)
    check("result", (await waiting).variables, {"order": RUN, "paid": True})
    async with refused("a second message of the id", MessageAlreadyExistsError):
        await client.publish_message(message, RUN, message_id="once")


async def signals(client):
    process, signal = names_of("signal")
    begin = f"{signal}_begin"
    names = {"PROCESS_ID": process, "SIGNAL_NAME": signal, "MESSAGE_NAME": begin}
    with file_of("one_signal.bpmn", "one_signal.bpmn", **names) as path:
        await client.deploy_resource(path)

    async def caught(tell):
        waiting = client.run_process_with_result(process, variables={}, timeout=20_000)
        waiting = asyncio.create_task(waiting)
        # Nothing says when the instance has begun to wait.
        while not waiting.done():
            await tell()
            await asyncio.wait([waiting], timeout=0.1)
        check("result", (await waiting).variables, {"level": 5})

    await caught(lambda: client.broadcast_signal(signal, variables={"level": 5}))
    await caught(lambda: client.publish_message(begin, "", variables={"level": 5}))


async def decisions(client):
    decision = f"python_decision_{RUN}"
    with file_of("decision.dmn", "discount.dmn", DECISION_ID=decision) as path:
        deployed = (await client.deploy_resource(path)).deployments
    check("decisions", [found.dmn_decision_id for found in deployed[:-1]], [decision, f"{decision}_base"])
    check("requirements", deployed[-1].resource_name, "discount.dmn")
    by_id = await client.evaluate_decision(None, decision, variables={"amount": 150})
    by_key = await client.evaluate_decision(deployed[0].decision_key, None, variables={"amount": 50})
    check("outputs", (by_id.decision_output, by_key.decision_output), (10, 0))
    table = by_id.evaluated_decisions[1]
    check("rule", [rule.rule_id for rule in table.matched_rules], ["large"])
    check("input", [(given.input_name, given.input_value) for given in table.evaluated_inputs], [("Amount", 150)])
    failed = await client.evaluate_decision(None, decision, variables={})
    check("failed", failed.failed_decision_id, decision)
    async with refused("an unknown decision", DecisionNotFoundError):
        await client.evaluate_decision(None, f"python_unknown_{RUN}", variables={})


async def main():
    logging.disable(logging.WARNING)
    if CA:
        trusted = grpc.ssl_channel_credentials(root_certificates=pathlib.Path(CA).read_bytes())
        channel = create_secure_channel(grpc_address=ADDRESS, channel_credentials=trusted)
    else:
        channel = create_insecure_channel(grpc_address=ADDRESS)
    client = ZeebeClient(channel)
    await step("topology", topology(client))
    await step("health", health(client))
    await step("deploy", deploy(client))
    await step("deploy again", deploy_again(client))
    await step("create", create(client))
    await step("work by poll, with result", work(client, channel, "poll", 3))
    await step("chosen result variables", chosen_variables(client, channel))
    streaming = {"stream_enabled": True, "stream_request_timeout": 60, "tenant_ids": TENANTS or None}
    await step("work by stream and poll", work(client, channel, "stream", 20, **streaming))
    await step("work by stream alone", stream_only(client, channel))
    await step("fail and retry", fail_and_retry(client, channel))
    await step("cancel", cancel(client))
    await step("unknown process", unknown_process(client))
    await step("messages", messages(client))
    await step("signals and messages that start", signals(client))
    await step("decisions", decisions(client))
    await channel.close()


asyncio.run(main())

"""A new user's program against camunda-orchestration-sdk: deploy, create, work, fail, cancel, and look at every answer.

Takes RINGBOLT_REST (http://127.0.0.1:8080). The SDK builds its answers from the members that its version of the API must have, so that a
server which leaves one out, or has another type in it, is seen.
"""

import asyncio
import contextlib
import functools
import os

import camunda_orchestration_sdk as sdk
from camunda_orchestration_sdk import errors

import steps
from steps import check, file_of, names_of, refused

ADDRESS = os.environ.get("RINGBOLT_REST", "http://127.0.0.1:8080")
TIMEOUT_MS = 20_000

step = functools.partial(steps.step, "python orchestration", errors=[errors.ApiError, KeyError, ValueError, TypeError])


async def topology(client):
    answer = await client.get_topology()
    check("brokers", len(answer.brokers) >= 1, True)
    check("gateway version", answer.gateway_version.startswith("8."), True)
    await client.get_status()
    check("license", (await client.get_license()).valid_license, True)
    check("longest worker", (await client.get_system_configuration()).job_metrics.max_worker_name_length > 0, True)


async def deploy_model(client, name):
    process, job_type = names_of(name)
    with file_of("one_task.bpmn", f"{name}.bpmn", PROCESS_ID=process, JOB_TYPE=job_type) as path:
        answer = await client.deploy_resources_from_files([path])
    return process, job_type, answer.processes[0]


async def deploy(client):
    process, _, first = await deploy_model(client, "deploy")
    check("process id", first.process_definition_id, process)
    check("version", first.process_definition_version, 1)
    check("resource", first.resource_name, "deploy.bpmn")


def variables_of(asked, variables):
    """Variables of a request that names what it is about: one class for all its forms in version 10, one for each before."""
    kind = getattr(sdk, f"{asked}BaseVariables", None) or getattr(sdk, f"{asked}ByIdVariables")
    return kind.from_dict(variables)


async def create(client, process, variables, **more):
    variables = variables_of("ProcessInstanceCreationInstruction", variables)
    data = sdk.ProcessCreationById(process_definition_id=process, variables=variables, **more)
    return await client.create_process_instance(data=data)


@contextlib.asynccontextmanager
async def worker(client, job_type, handler):
    """A worker of the user's, running as long as the block."""
    config = sdk.WorkerConfig(job_type, job_timeout_milliseconds=TIMEOUT_MS, request_timeout_milliseconds=5_000)
    running = client.create_job_worker(config, handler)
    try:
        yield
    finally:
        running.stop()


async def double(job):
    return {"doubled": job.variables.to_dict()["x"] * 2}


async def work(client):
    process, job_type, _ = await deploy_model(client, "orchestrated")
    async with worker(client, job_type, double):
        waiting = {"await_completion": True, "request_timeout": TIMEOUT_MS}
        answers = await asyncio.gather(*(create(client, process, {"x": x}, **waiting) for x in range(3)))
        chosen = await create(client, process, {"x": 4, "y": 1}, fetch_variables=["doubled"], **waiting)
    for x, answer in enumerate(answers):
        check("result", answer.variables.to_dict(), {"x": x, "doubled": x * 2})
    check("chosen", chosen.variables.to_dict(), {"doubled": 8})


async def by_hand(client):
    process, job_type, _ = await deploy_model(client, "hand")
    created = await create(client, process, {"x": 5})
    asked = sdk.JobActivationRequest(
        type_=job_type, timeout=TIMEOUT_MS, max_jobs_to_activate=5, worker="python-hand", request_timeout=10_000
    )
    job = (await client.activate_jobs(data=asked)).jobs[0]
    check("instance", job.process_instance_key, created.process_instance_key)
    check("headers", job.custom_headers.to_dict(), {"unit": "cm"})
    check("worker", (job.worker, job.retries), ("python-hand", 3))
    changes = sdk.JobUpdateRequest(changeset=sdk.JobChangeset(retries=8, timeout=30_000))
    await client.update_job(job.job_key, data=changes)
    await client.fail_job(job.job_key, data=sdk.JobFailRequest(retries=2, error_message="the first try fails"))
    again = (await client.activate_jobs(data=asked)).jobs[0]
    check("the same job", (again.job_key, again.retries), (job.job_key, 2))
    await client.complete_job(job.job_key, data=sdk.JobCompletionRequest())
    async with refused("a second completion", errors.NotFoundError):
        await client.complete_job(job.job_key, data=sdk.JobCompletionRequest())


async def cancel(client):
    process, _, _ = await deploy_model(client, "cancel")
    key = (await create(client, process, {})).process_instance_key
    scope, data = sdk.ElementInstanceKey(key), sdk.SetVariableRequestVariables.from_dict({"x": 1})
    await client.create_element_instance_variables(scope, data=sdk.SetVariableRequest(variables=data))
    await client.cancel_process_instance(key, data=None)
    async with refused("a second cancellation", errors.NotFoundError):
        await client.cancel_process_instance(key, data=None)
    # The description of the API has no such status there, so the SDK has no error of its own for it.
    async with refused("an unknown process", errors.UnexpectedStatus):
        await create(client, "python_unknown", {})


async def decisions(client):
    decision = names_of("decided")[0]
    with file_of("decision.dmn", "discount.dmn", DECISION_ID=decision) as path:
        deployed = await client.deploy_resources_from_files([path])
    check("decisions", [found.decision_definition_id for found in deployed.decisions], [decision, f"{decision}_base"])
    given = variables_of("DecisionEvaluation", {"amount": 150})
    data = sdk.DecisionEvaluationByID(decision_definition_id=decision, variables=given)
    answer = await client.evaluate_decision(data=data)
    check("output", answer.output, "10")
    check("rule", [rule.rule_id for rule in answer.evaluated_decisions[1].matched_rules], ["large"])
    failed = await client.evaluate_decision(data=sdk.DecisionEvaluationByID(decision_definition_id=decision))
    check("failed", failed.failed_decision_definition_id, decision)


async def keys_of_nothing(client):
    """Commands whose keys only a search would tell: that they are asked in the right way."""
    nothing = "2251799813699999"
    async with refused("an unknown incident", errors.NotFoundError):
        await client.resolve_incident(sdk.IncidentKey(nothing), data=sdk.IncidentResolutionRequest())
    task, asked = sdk.UserTaskKey(nothing), sdk.UserTaskAssignmentRequest(assignee="demo")
    async with refused("an unknown user task", errors.NotFoundError):
        await client.assign_user_task(task, data=asked)
    async with refused("an unknown user task", errors.NotFoundError):
        await client.complete_user_task(task, data=sdk.UserTaskCompletionRequest())
    async with refused("an unknown user task", errors.NotFoundError):
        await client.unassign_user_task(task)
    async with refused("an unknown job", errors.NotFoundError):
        await client.throw_job_error(sdk.JobKey(nothing), data=sdk.JobErrorRequest(error_code="wrong"))


async def expressions(client):
    answer = await client.evaluate_expression(data=sdk.ExpressionEvaluationRequest(expression="=1 + 2"))
    check("result", answer.result, 3)


async def main():
    configuration = {"CAMUNDA_REST_ADDRESS": ADDRESS, "CAMUNDA_AUTH_STRATEGY": "NONE", "CAMUNDA_SDK_LOG_LEVEL": "silent"}
    async with sdk.CamundaAsyncClient(configuration=configuration, logger=sdk.NullLogger()) as client:
        await step("topology", topology(client))
        await step("deploy", deploy(client))
        await step("work by poll, with result", work(client))
        await step("work by hand", by_hand(client))
        await step("cancel", cancel(client))
        await step("keys of nothing", keys_of_nothing(client))
        await step("decisions", decisions(client))
        await step("expressions", expressions(client))


asyncio.run(main())

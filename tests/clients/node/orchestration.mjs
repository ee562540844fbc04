// A new user's program against @camunda8/orchestration-cluster-api, with the SDK's own check of every request and
// answer against the published schema: deploy, create, work, fail, cancel, and look at the answers.
import { createCamundaClient } from '@camunda8/orchestration-cluster-api'
import { check, decision, model, refused, rest, step } from './steps.mjs'

const client = createCamundaClient({
  config: {
    CAMUNDA_REST_ADDRESS: rest,
    CAMUNDA_AUTH_STRATEGY: 'NONE',
    CAMUNDA_SDK_VALIDATION: process.env.RINGBOLT_VALIDATION ?? 'req:strict,res:strict',
    CAMUNDA_SDK_LOG_LEVEL: 'silent',
  },
})
const AWAIT = { awaitCompletion: true, requestTimeout: 20_000 }

async function deploy(name, source) {
  const wanted = model('node_oca', name, source)
  const file = new File([wanted.text], wanted.file, { type: 'application/xml' })
  const answer = await client.createDeployment({ resources: [file] })
  return { ...wanted, answer }
}

const worker = (jobType, jobHandler) =>
  client.createJobWorker({
    jobType,
    workerName: 'node-oca',
    maxParallelJobs: 10,
    jobTimeoutMs: 20_000,
    pollTimeoutMs: 5_000,
    pollIntervalMs: 50,
    jobHandler,
  })
const double = (job) => job.complete({ doubled: job.variables.x * 2 })
const status = (code) => (error) => error.status === code

await step('orchestration', 'topology', async () => {
  const answer = await client.getTopology()
  check('brokers', answer.brokers.length >= 1, true)
  // SDKs switch features by the version a gateway reports, so it must look like Camunda's.
  check('gateway version', answer.gatewayVersion.startsWith('8.'), true)
})

await step('orchestration', 'license', async () => {
  const answer = await client.getLicense()
  check('valid is said', typeof answer.validLicense, 'boolean')
})

await step('orchestration', 'status', () => client.getStatus())

await step('orchestration', 'deploy', async () => {
  const { answer, processId, file } = await deploy('deploy')
  check('process id', answer.processes[0].processDefinitionId, processId)
  check('version', answer.processes[0].processDefinitionVersion, 1)
  check('resource', answer.processes[0].resourceName, file)
})

await step('orchestration', 'deploy again', async () => {
  const first = await deploy('again')
  const again = await deploy('again')
  check('same model again', again.answer.processes[0].processDefinitionKey, first.answer.processes[0].processDefinitionKey)
})

await step('orchestration', 'create', async () => {
  const { answer: deployed, processId } = await deploy('create')
  const byId = await client.createProcessInstance({ processDefinitionId: processId, variables: { x: 1 } })
  check('process id', byId.processDefinitionId, processId)
  const { processDefinitionKey } = deployed.processes[0]
  const byKey = await client.createProcessInstance({ processDefinitionKey, variables: { x: 1 } })
  check('definition key', byKey.processDefinitionKey, processDefinitionKey)
  check('another instance', byKey.processInstanceKey !== byId.processInstanceKey, true)
})

await step('orchestration', 'work by poll, with result', async () => {
  const { processId, jobType } = await deploy('poll')
  const working = worker(jobType, double)
  const answers = await Promise.all(
    [0, 1, 2].map((x) => client.createProcessInstance({ processDefinitionId: processId, variables: { x }, ...AWAIT })),
  )
  answers.forEach((answer, x) => check('result', answer.variables, { x, doubled: x * 2 }))
  working.stop()
})

await step('orchestration', 'chosen result variables', async () => {
  const { processId, jobType } = await deploy('chosen')
  const working = worker(jobType, double)
  const answer = await client.createProcessInstance({
    processDefinitionId: processId,
    variables: { x: 4, y: 'left out' },
    fetchVariables: ['doubled'],
    ...AWAIT,
  })
  check('result', answer.variables, { doubled: 8 })
  working.stop()
})

await step('orchestration', 'long poll waits for a job', async () => {
  const { processId, jobType } = await deploy('long')
  const request = { type: jobType, worker: 'node-oca', timeout: 20_000, maxJobsToActivate: 5, requestTimeout: 15_000 }
  const waiting = client.activateJobs(request)
  const created = await client.createProcessInstance({ processDefinitionId: processId, variables: { x: 5 } })
  const { jobs } = await waiting
  check('instance', jobs[0].processInstanceKey, created.processInstanceKey)
  check('headers', jobs[0].customHeaders, { unit: 'cm' })
  const { jobKey } = jobs[0]
  await client.updateJob({ jobKey, changeset: { retries: 8, timeout: 30_000 } })
  await client.completeJob({ jobKey, variables: {} })
  await refused(() => client.completeJob({ jobKey, variables: {} }), status(404))
})

await step('orchestration', 'task listeners correct and deny', async () => {
  const { processId, jobType } = await deploy('listened', 'listened_task.bpmn')
  const listener = async (event) => {
    const type = `${jobType}-${event}`
    const request = { type, worker: 'node-oca', timeout: 20_000, maxJobsToActivate: 1, requestTimeout: 15_000 }
    const [job] = (await client.activateJobs(request)).jobs
    check('kind', [job.kind, job.listenerEventType], ['TASK_LISTENER', event.toUpperCase()])
    return job
  }
  const answer = (job, result) => client.completeJob({ jobKey: job.jobKey, result: { type: 'userTask', ...result } })
  const ended = client.createProcessInstance({ processDefinitionId: processId, variables: {}, ...AWAIT })
  const creating = await listener('creating')
  check('priority', creating.userTask.priority, 50)
  const { userTaskKey } = creating.userTask
  await answer(creating, { corrections: { priority: 70, candidateGroups: ['owls'] } })
  const denied = refused(() => client.completeUserTask({ userTaskKey, variables: { n: 1 } }), status(409))
  const first = await listener('completing')
  check('corrected', [first.userTask.priority, first.userTask.candidateGroups], [70, ['owls']])
  check('variables of the completion', first.variables, { n: 1 })
  await answer(first, { denied: true, deniedReason: 'not yet' })
  await denied
  const completed = client.completeUserTask({ userTaskKey, variables: { n: 2 } })
  await answer(await listener('completing'), { corrections: { assignee: 'eve' } })
  await completed
  check('result', (await ended).variables, { n: 2 })
})

await step('orchestration', 'fail and retry', async () => {
  const { processId, jobType } = await deploy('retry')
  const seen = []
  const working = worker(jobType, (job) => {
    seen.push(job.retries)
    if (seen.length === 1) return job.fail({ errorMessage: 'the first try fails', retries: job.retries - 1 })
    return double(job)
  })
  const answer = await client.createProcessInstance({ processDefinitionId: processId, variables: { x: 7 }, ...AWAIT })
  check('retries seen', seen, [3, 2])
  check('result', answer.variables.doubled, 14)
  working.stop()
})

await step('orchestration', 'cancel', async () => {
  const { processId } = await deploy('cancel')
  const { processInstanceKey } = await client.createProcessInstance({ processDefinitionId: processId, variables: {} })
  await client.cancelProcessInstance({ processInstanceKey })
  await refused(() => client.cancelProcessInstance({ processInstanceKey }), status(404))
})

await step('orchestration', 'throw an error, set variables', async () => {
  const { processId, jobType } = await deploy('throw')
  const { processInstanceKey } = await client.createProcessInstance({ processDefinitionId: processId, variables: {} })
  await client.createElementInstanceVariables({ elementInstanceKey: processInstanceKey, variables: { x: 1 }, local: true })
  const request = { type: jobType, worker: 'node-oca', timeout: 20_000, maxJobsToActivate: 1, requestTimeout: 10_000 }
  const [{ jobKey, variables }] = (await client.activateJobs(request)).jobs
  check('variables', variables, { x: 1 })
  await client.failJob({ jobKey, retries: 1, errorMessage: 'not yet' })
  const [again] = (await client.activateJobs(request)).jobs
  check('retries', again.retries, 1)
  await client.throwJobError({ jobKey, errorCode: 'uncaught' })
})

await step('orchestration', 'system configuration', async () => {
  const { jobMetrics } = await client.getSystemConfiguration()
  check('longest worker', jobMetrics.maxWorkerNameLength > 0, true)
})

await step('orchestration', 'keys of nothing', async () => {
  // Commands whose keys only a search would tell: that they are asked in the right way.
  const key = '2251799813699999'
  const absent = status(404)
  await refused(() => client.resolveIncident({ incidentKey: key }), absent)
  await refused(() => client.assignUserTask({ userTaskKey: key, assignee: 'demo' }), absent)
  await refused(() => client.unassignUserTask({ userTaskKey: key }), absent)
  await refused(() => client.updateUserTask({ userTaskKey: key, changeset: { priority: 1 } }), absent)
  await refused(() => client.completeUserTask({ userTaskKey: key }), absent)
})

await step('orchestration', 'unknown process', () =>
  refused(
    () => client.createProcessInstance({ processDefinitionId: 'node_oca_unknown', variables: {} }),
    status(404),
  ),
)

await step('orchestration', 'decisions', async () => {
  const { decisionId, file, text } = decision('node_oca')
  const answer = await client.createDeployment({ resources: [new File([text], file, { type: 'application/xml' })] })
  check('decisions', answer.decisions.map((found) => found.decisionDefinitionId), [decisionId, `${decisionId}_base`])
  check('requirements', answer.decisionRequirements[0].resourceName, file)
  const { decisionDefinitionKey } = answer.decisions[0]
  const byId = await client.evaluateDecision({ decisionDefinitionId: decisionId, variables: { amount: 150 } })
  const byKey = await client.evaluateDecision({ decisionDefinitionKey, variables: { amount: 50 } })
  check('outputs', [byId.output, byKey.output], ['10', '0'])
  check('rule', byId.evaluatedDecisions[1].matchedRules[0].ruleId, 'large')
  const failed = await client.evaluateDecision({ decisionDefinitionId: decisionId, variables: {} })
  check('failed', failed.failedDecisionDefinitionId, decisionId)
  await refused(
    () => client.evaluateDecision({ decisionDefinitionId: 'node_oca_unknown', variables: {} }),
    status(404),
  )
})

await step('orchestration', 'expressions', async () => {
  const answer = await client.evaluateExpression({ expression: '=x + y', variables: { x: 1, y: 2 } })
  check('result', answer.result, 3)
  const warned = await client.evaluateExpression({ expression: '=missing' })
  check('warning', warned.warnings[0].message, "No variable found with name 'missing'")
})

await step('orchestration', 'search what was done', async () => {
  const { answer: deployed, processId, jobType } = await deploy('search')
  const { processDefinitionKey } = deployed.processes[0]
  const { processInstanceKey } = await client.createProcessInstance({
    processDefinitionId: processId,
    variables: { x: 1 },
    tags: ['searched'],
  })
  // The SDK asks again until the predicate holds.
  const consistency = (predicate) => ({ consistency: { waitUpToMs: 10_000, predicate } })
  const some = consistency((found) => found.items.length > 0)
  const instances = await client.searchProcessInstances(
    { filter: { processDefinitionKey, state: 'ACTIVE', variables: [{ name: 'x', value: '1' }] }, sort: [{ field: 'startDate', order: 'DESC' }] },
    some,
  )
  check('instances', instances.items.map((found) => found.processInstanceKey), [processInstanceKey])
  check('total', Number(instances.page.totalItems), 1)
  const filter = { processInstanceKey }
  const got = await client.getProcessInstance({ processInstanceKey }, { consistency: { waitUpToMs: 10_000 } })
  check('instance', [got.processDefinitionId, got.tags], [processId, ['searched']])
  const variables = await client.searchVariables({ filter }, some)
  check('variable', variables.items[0].value, '1')
  const jobs = await client.searchJobs({ filter: { ...filter, type: jobType } }, some)
  check('job', jobs.items[0].state, 'CREATED')
  const elements = await client.searchElementInstances({ filter: { ...filter, state: 'ACTIVE' } }, some)
  check('element', elements.items[0].type, 'SERVICE_TASK')
  const none = { consistency: { waitUpToMs: 0 } }
  for (const search of ['searchIncidents', 'searchUserTasks', 'searchMessageSubscriptions', 'searchDecisionInstances']) {
    check(search, (await client[search]({ filter }, none)).items, [])
  }
  await client.cancelProcessInstance({ processInstanceKey })
  const ended = consistency((found) => found.items.length > 0)
  await client.searchProcessInstances({ filter: { ...filter, state: 'TERMINATED' } }, ended)
})

await step('orchestration', 'cancel a batch', async () => {
  const { answer: deployed } = await deploy('batch')
  const { processDefinitionKey } = deployed.processes[0]
  for (let number = 0; number < 5; number += 1) {
    await client.createProcessInstance({ processDefinitionKey })
  }
  const { batchOperationKey, batchOperationType } = await client.cancelProcessInstancesBatchOperation({
    filter: { processDefinitionKey },
  })
  check('type', batchOperationType, 'CANCEL_PROCESS_INSTANCE')
  const consistency = (predicate) => ({ consistency: { waitUpToMs: 10_000, predicate } })
  const done = consistency((found) => found.operationsCompletedCount === 5 && found.state === 'COMPLETED')
  const batch = await client.getBatchOperation({ batchOperationKey }, done)
  check('counts', [batch.operationsTotalCount, batch.operationsFailedCount, batch.errors], [5, 0, []])
  const five = consistency((found) => found.items.length === 5)
  const items = await client.searchBatchOperationItems({ filter: { batchOperationKey } }, five)
  check('items', items.items.every((item) => item.state === 'COMPLETED'), true)
  await client.searchProcessInstances({ filter: { processDefinitionKey, state: 'TERMINATED' } }, five)
  await refused(() => client.cancelBatchOperation({ batchOperationKey }), status(404))
})

// Its answers have the state of a definition, which only level 8.10 writes.
await step('orchestration', 'search definitions', async () => {
  const { answer: deployed, processId } = await deploy('definitions')
  const { processDefinitionKey } = deployed.processes[0]
  const none = { consistency: { waitUpToMs: 10_000 } }
  const definition = await client.getProcessDefinition({ processDefinitionKey }, none)
  check('definition', definition.processDefinitionId, processId)
  const xml = await client.getProcessDefinitionXml({ processDefinitionKey }, none)
  check('model', xml.includes(processId), true)
})

process.exit(0)

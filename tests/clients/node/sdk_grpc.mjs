// A new user's program against @camunda8/sdk over gRPC: deploy, create, work, fail, cancel, and look at the answers.
import { Camunda8 } from '@camunda8/sdk'
import { check, grpc, later, model, refused, rest, sleep, step, tenants } from './steps.mjs'

const camunda = new Camunda8({
  CAMUNDA_AUTH_STRATEGY: 'NONE',
  ZEEBE_GRPC_ADDRESS: `grpc://${grpc}`,
  zeebeGrpcSettings: { ZEEBE_CLIENT_LOG_LEVEL: 'NONE' },
})
const client = camunda.getZeebeGrpcApiClient()
const named = tenants.length > 0 ? { tenantIds: tenants } : {}

async function deploy(name, source) {
  const wanted = model('node_grpc', name, source)
  const answer = await client.deployResource({ process: Buffer.from(wanted.text), name: wanted.file })
  return { ...wanted, answer }
}

const worker = (jobType, taskHandler) =>
  client.createWorker({ taskType: jobType, timeout: 20_000, longPoll: 5_000, pollInterval: 100, taskHandler })
const double = (job) => job.complete({ doubled: job.variables.x * 2 })

await step('sdk grpc', 'topology', async () => {
  const answer = await client.topology()
  check('brokers', answer.brokers.length >= 1, true)
  // SDKs switch features by the version a gateway reports, so it must look like Camunda's.
  check('gateway version', answer.gatewayVersion.startsWith('8.'), true)
})

await step('sdk grpc', 'deploy', async () => {
  const { answer, processId, file } = await deploy('deploy')
  const { process } = answer.deployments[0]
  check('process id', process.bpmnProcessId, processId)
  check('version', process.version, 1)
  check('resource', process.resourceName, file)
})

await step('sdk grpc', 'deploy again', async () => {
  const first = await deploy('again')
  const again = await deploy('again')
  check('same model again', again.answer.deployments[0].process.processDefinitionKey, first.answer.deployments[0].process.processDefinitionKey)
})

await step('sdk grpc', 'create', async () => {
  const { processId } = await deploy('create')
  const answer = await client.createProcessInstance({ bpmnProcessId: processId, variables: { x: 1 } })
  check('process id', answer.bpmnProcessId, processId)
  check('key is text of digits', /^\d+$/.test(answer.processInstanceKey), true)
})

await step('sdk grpc', 'work by poll, with result', async () => {
  const { processId, jobType } = await deploy('poll')
  const working = worker(jobType, double)
  const answers = await Promise.all(
    [0, 1, 2].map((x) =>
      client.createProcessInstanceWithResult({ bpmnProcessId: processId, variables: { x }, requestTimeout: 20_000 }),
    ),
  )
  answers.forEach((answer, x) => check('result', answer.variables, { x, doubled: x * 2 }))
  await working.close()
})

await step('sdk grpc', 'chosen result variables', async () => {
  const { processId, jobType } = await deploy('chosen')
  const working = worker(jobType, double)
  const answer = await client.createProcessInstanceWithResult({
    bpmnProcessId: processId,
    variables: { x: 4, y: 'left out' },
    fetchVariables: ['doubled'],
    requestTimeout: 20_000,
  })
  check('result', answer.variables, { doubled: 8 })
  await working.close()
})

await step('sdk grpc', 'work by stream', async () => {
  const { processId, jobType } = await deploy('stream')
  const got = later()
  await client.streamJobs({
    type: jobType,
    worker: 'node-stream',
    timeout: 20_000,
    pollInterval: 0,
    ...named,
    taskHandler: async (job) => {
      const ended = await job.complete({ doubled: job.variables.x * 2 })
      got.resolve(job)
      return ended
    },
  })
  // The first poll of the stream worker is over by now: what comes next comes by stream.
  await sleep(300)
  const created = await client.createProcessInstance({ bpmnProcessId: processId, variables: { x: 5 } })
  const job = await got.promise
  check('instance', job.processInstanceKey, created.processInstanceKey)
  check('headers', { ...job.customHeaders }, { unit: 'cm' })
  check('worker', job.worker, 'node-stream')
  check('retries', job.retries, 3)
})

await step('sdk grpc', 'fail and retry', async () => {
  const { processId, jobType } = await deploy('retry')
  const seen = []
  const working = worker(jobType, (job) => {
    seen.push(job.retries)
    if (seen.length === 1) {
      return job.fail({ errorMessage: 'the first try fails', retries: job.retries - 1, retryBackOff: 0 })
    }
    return double(job)
  })
  const answer = await client.createProcessInstanceWithResult({
    bpmnProcessId: processId,
    variables: { x: 7 },
    requestTimeout: 20_000,
  })
  check('retries seen', seen, [3, 2])
  check('result', answer.variables.doubled, 14)
  await working.close()
})

await step('sdk grpc', 'cancel', async () => {
  const { processId } = await deploy('cancel')
  const { processInstanceKey } = await client.createProcessInstance({ bpmnProcessId: processId, variables: {} })
  await client.cancelProcessInstance(processInstanceKey)
  await refused(
    () => client.cancelProcessInstance(processInstanceKey),
    (error) => error.code === 5,
  )
})

await step('sdk grpc', 'messages', async () => {
  const { processId, jobType } = await deploy('message', 'one_message.bpmn')
  const ended = client.createProcessInstanceWithResult({
    bpmnProcessId: processId,
    variables: { order: 'o-1' },
    requestTimeout: 20_000,
  })
  const message = { name: `${jobType}_begin`, correlationKey: 'o-1', timeToLive: 20_000, messageId: 'once', variables: { paid: 7 } }
  const published = await client.publishMessage(message)
  check('key is text of digits', /^\d+$/.test(published.key), true)
  check('result', (await ended).variables.paid, 7)
  await refused(
    () => client.publishMessage(message),
    (error) => error.code === 6,
  )
})

await step('sdk grpc', 'signals', async () => {
  const { processId, jobType } = await deploy('signal', 'one_signal.bpmn')
  const ended = client.createProcessInstanceWithResult({ bpmnProcessId: processId, variables: {}, requestTimeout: 20_000 })
  const over = ended.then(() => true)
  // A signal is not kept: it is sent until the instance waits for it.
  do {
    const told = await client.broadcastSignal({ signalName: jobType, variables: { level: 5 } })
    check('key is text of digits', /^\d+$/.test(told.key), true)
  } while (!(await Promise.race([over, sleep(50)])))
  check('result', (await ended).variables.level, 5)
})

/** The first job of a type, which nobody else works on. */
async function activated(jobType) {
  const request = { type: jobType, worker: 'node-grpc', timeout: 20_000, maxJobsToActivate: 1, requestTimeout: 20_000 }
  const jobs = await client.activateJobs({ ...request, ...named })
  return jobs[0]
}

await step('sdk grpc', 'modify', async () => {
  const { processId, jobType } = await deploy('modify')
  const { processInstanceKey } = await client.createProcessInstance({ bpmnProcessId: processId, variables: {} })
  const first = await activated(jobType)
  await client.modifyProcessInstance({
    processInstanceKey,
    activateInstructions: [
      {
        elementId: first.elementId,
        ancestorElementInstanceKey: '-1',
        variableInstructions: [{ scopeId: '', variables: { again: true } }],
      },
    ],
    terminateInstructions: [{ elementInstanceKey: first.elementInstanceKey }],
  })
  const second = await activated(jobType)
  check('variables', second.variables.again, true)
  check('instance', second.processInstanceKey, processInstanceKey)
  await refused(
    () => client.completeJob({ jobKey: first.key, variables: {} }),
    (error) => error.code === 5,
  )
})

await step('sdk grpc', 'update, fail, resolve, throw', async () => {
  const { processId, jobType } = await deploy('incident')
  const { processInstanceKey } = await client.createProcessInstance({ bpmnProcessId: processId, variables: {} })
  const job = await activated(jobType)
  await client.updateJobTimeout({ jobKey: job.key, timeout: 30_000 })
  await client.setVariables({ elementInstanceKey: processInstanceKey, variables: { set: [1] }, local: false })
  await client.failJob({ jobKey: job.key, retries: 0, errorMessage: 'no more', retryBackOff: 0 })
  await client.updateJobRetries({ jobKey: job.key, retries: 2 })
  await client.resolveIncident({ incidentKey: await incidentOf(processInstanceKey) })
  const again = await activated(jobType)
  check('retries', again.retries, 2)
  check('variables', again.variables.set, [1])
  await client.throwError({ jobKey: again.key, errorCode: 'nobody', errorMessage: 'not caught' })
  check('incident', /^\d+$/.test(await incidentOf(processInstanceKey)), true)
})

/** The active incident of an instance; gRPC has no way to ask. */
async function incidentOf(processInstanceKey) {
  for (;;) {
    const answer = await fetch(`${rest}/v2/incidents/search`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ filter: { processInstanceKey, state: 'ACTIVE' } }),
    })
    const { items } = await answer.json()
    if (items.length > 0) return items[0].incidentKey
    await sleep(20)
  }
}

await step('sdk grpc', 'delete a resource', async () => {
  const { answer, processId } = await deploy('delete')
  const { processDefinitionKey } = answer.deployments[0].process
  await client.deleteResource({ resourceKey: processDefinitionKey })
  await refused(
    () => client.createProcessInstance({ bpmnProcessId: processId, variables: {} }),
    (error) => error.code === 5,
  )
})

await step('sdk grpc', 'unknown process', () =>
  refused(
    () => client.createProcessInstance({ bpmnProcessId: 'node_grpc_unknown', variables: {} }),
    (error) => error.code === 5 && error.details.includes('node_grpc_unknown'),
  ),
)

await client.close()
process.exit(0)

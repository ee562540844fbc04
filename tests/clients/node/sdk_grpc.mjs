// A new user's program against @camunda8/sdk over gRPC: deploy, create, work, fail, cancel, and look at the answers.
import { Camunda8 } from '@camunda8/sdk'
import { check, grpc, later, model, refused, sleep, step, tenants } from './steps.mjs'

const camunda = new Camunda8({
  CAMUNDA_AUTH_STRATEGY: 'NONE',
  ZEEBE_GRPC_ADDRESS: `grpc://${grpc}`,
  zeebeGrpcSettings: { ZEEBE_CLIENT_LOG_LEVEL: 'NONE' },
})
const client = camunda.getZeebeGrpcApiClient()
const named = tenants.length > 0 ? { tenantIds: tenants } : {}

async function deploy(name) {
  const wanted = model('node_grpc', name)
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

await step('sdk grpc', 'unknown process', () =>
  refused(
    () => client.createProcessInstance({ bpmnProcessId: 'node_grpc_unknown', variables: {} }),
    (error) => error.code === 5 && error.details.includes('node_grpc_unknown'),
  ),
)

await client.close()
process.exit(0)

// A new user's program against @camunda8/sdk over REST: deploy, create, work, fail, cancel, and look at the answers.
import { Camunda8 } from '@camunda8/sdk'
import { check, model, refused, rest, step } from './steps.mjs'

const camunda = new Camunda8({ CAMUNDA_AUTH_STRATEGY: 'NONE', ZEEBE_REST_ADDRESS: rest, CAMUNDA_LOG_LEVEL: 'none' })
const client = camunda.getCamundaRestClient()
const AWAIT = { requestTimeout: 20_000 }

async function deploy(name) {
  const wanted = model('node_rest', name)
  const answer = await client.deployResources([{ content: wanted.text, name: wanted.file }])
  return { ...wanted, answer }
}

const worker = (jobType, jobHandler) =>
  client.createJobWorker({
    type: jobType,
    worker: 'node-rest',
    timeout: 20_000,
    requestTimeout: 5_000,
    maxJobsToActivate: 10,
    jobHandler,
  })
const double = (job) => job.complete({ doubled: job.variables.x * 2 })
const status = (code) => (error) => error.statusCode === code || error.response?.statusCode === code

await step('sdk rest', 'topology', async () => {
  const answer = await client.getTopology()
  check('brokers', answer.brokers.length >= 1, true)
  check('partitions', answer.partitionsCount >= 1, true)
})

await step('sdk rest', 'deploy', async () => {
  const { answer, processId, file } = await deploy('deploy')
  check('process id', answer.processes[0].processDefinitionId, processId)
  check('version', answer.processes[0].processDefinitionVersion, 1)
  check('resource', answer.processes[0].resourceName, file)
})

await step('sdk rest', 'deploy again', async () => {
  const first = await deploy('again')
  const again = await deploy('again')
  check('same model again', again.answer.processes[0].processDefinitionKey, first.answer.processes[0].processDefinitionKey)
})

await step('sdk rest', 'create', async () => {
  const { processId } = await deploy('create')
  const answer = await client.createProcessInstance({ processDefinitionId: processId, variables: { x: 1 } })
  check('process id', answer.processDefinitionId, processId)
  check('key is text of digits', /^\d+$/.test(answer.processInstanceKey), true)
})

await step('sdk rest', 'work by poll, with result', async () => {
  const { processId, jobType } = await deploy('poll')
  const working = worker(jobType, double)
  const answers = await Promise.all(
    [0, 1, 2].map((x) =>
      client.createProcessInstanceWithResult({ processDefinitionId: processId, variables: { x }, ...AWAIT }),
    ),
  )
  answers.forEach((answer, x) => check('result', { ...answer.variables }, { x, doubled: x * 2 }))
  await working.stop()
})

await step('sdk rest', 'chosen result variables', async () => {
  const { processId, jobType } = await deploy('chosen')
  const working = worker(jobType, double)
  const answer = await client.createProcessInstanceWithResult({
    processDefinitionId: processId,
    variables: { x: 4, y: 'left out' },
    fetchVariables: ['doubled'],
    ...AWAIT,
  })
  check('result', { ...answer.variables }, { doubled: 8 })
  await working.stop()
})

await step('sdk rest', 'long poll waits for a job', async () => {
  const { processId, jobType } = await deploy('long')
  const request = { type: jobType, worker: 'node-rest', timeout: 20_000, maxJobsToActivate: 5, requestTimeout: 15_000 }
  const waiting = client.activateJobs(request)
  const created = await client.createProcessInstance({ processDefinitionId: processId, variables: { x: 5 } })
  const [job] = await waiting
  check('instance', job.processInstanceKey, created.processInstanceKey)
  check('headers', { ...job.customHeaders }, { unit: 'cm' })
  check('retries', job.retries, 3)
  await client.completeJob({ jobKey: job.jobKey, variables: {} })
  await refused(() => client.completeJob({ jobKey: job.jobKey, variables: {} }), status(404))
})

await step('sdk rest', 'fail and retry', async () => {
  const { processId, jobType } = await deploy('retry')
  const seen = []
  const working = worker(jobType, (job) => {
    seen.push(job.retries)
    return seen.length === 1 ? job.fail({ errorMessage: 'the first try fails' }) : double(job)
  })
  const answer = await client.createProcessInstanceWithResult({
    processDefinitionId: processId,
    variables: { x: 7 },
    ...AWAIT,
  })
  check('retries seen', seen, [3, 2])
  check('result', answer.variables.doubled, 14)
  await working.stop()
})

await step('sdk rest', 'cancel', async () => {
  const { processId } = await deploy('cancel')
  const { processInstanceKey } = await client.createProcessInstance({ processDefinitionId: processId, variables: {} })
  await client.cancelProcessInstance({ processInstanceKey })
  await refused(() => client.cancelProcessInstance({ processInstanceKey }), status(404))
})

await step('sdk rest', 'signals and correlated messages', async () => {
  const { processId, jobType: signal, text, file } = model('node_rest', 'signal', 'one_signal.bpmn')
  await client.deployResources([{ content: text, name: file }])
  const begin = { name: `${signal}_begin`, correlationKey: '', variables: { level: 5 } }
  const broadcast = () => client.broadcastSignal({ signalName: signal, variables: { level: 5 } })
  for (const tell of [broadcast, () => client.correlateMessage(begin)]) {
    let done = false
    const waiting = client
      .createProcessInstanceWithResult({ processDefinitionId: processId, variables: {}, ...AWAIT })
      .finally(() => (done = true))
    // Nothing says when the instance has begun to wait.
    while (!done) {
      const told = await tell()
      check('key is text of digits', /^\d+$/.test(told.signalKey ?? told.processInstanceKey), true)
      await Promise.race([waiting, new Promise((again) => setTimeout(again, 100))])
    }
    check('result', { ...(await waiting).variables }, { level: 5 })
  }
  const nobody = { name: `${signal}_nobody`, correlationKey: 'k', variables: {} }
  await refused(() => client.correlateMessage(nobody), status(404))
})

await step('sdk rest', 'unknown process', () =>
  refused(() => client.createProcessInstance({ processDefinitionId: 'node_rest_unknown', variables: {} }), status(404)),
)

process.exit(0)

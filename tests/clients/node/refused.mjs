// What Camunda's Node.js SDKs do while a server refuses: they ask again by themselves, within their bounds, and their workers go on.
// Takes RINGBOLT_REST, RINGBOLT_GRPC and RINGBOLT_SECONDS, how long the server is made to refuse (see tests/clients/refusing.py).
import { createCamundaClient } from '@camunda8/orchestration-cluster-api'
import { Camunda8 } from '@camunda8/sdk'
import { grpc, model, rest, sleep } from './steps.mjs'

const seconds = Number(process.env.RINGBOLT_SECONDS)

function orchestration() {
  const client = createCamundaClient({
    config: { CAMUNDA_REST_ADDRESS: rest, CAMUNDA_AUTH_STRATEGY: 'NONE', CAMUNDA_SDK_LOG_LEVEL: 'silent' },
  })
  return {
    deploy: ({ file, text }) => client.createDeployment({ resources: [new File([text], file, { type: 'application/xml' })] }),
    create: (processDefinitionId) => client.createProcessInstance({ processDefinitionId }),
    work: (jobType, done) =>
      client.createJobWorker({
        jobType,
        workerName: 'refused',
        maxParallelJobs: 10,
        jobTimeoutMs: 5_000,
        pollTimeoutMs: 2_000,
        pollIntervalMs: 50,
        jobHandler: (job) => {
          done.push(String(job.processInstanceKey))
          return job.complete()
        },
      }),
    stop: (worker) => worker.stop(),
    isRefusal: (error) => error.status === 503,
  }
}

function sdkGrpc() {
  const camunda = new Camunda8({
    CAMUNDA_AUTH_STRATEGY: 'NONE',
    ZEEBE_GRPC_ADDRESS: `grpc://${grpc}`,
    zeebeGrpcSettings: { ZEEBE_CLIENT_LOG_LEVEL: 'NONE' },
  })
  const client = camunda.getZeebeGrpcApiClient()
  return {
    deploy: ({ file, text }) => client.deployResource({ process: Buffer.from(text), name: file }),
    create: (bpmnProcessId) => client.createProcessInstance({ bpmnProcessId, variables: {} }),
    work: (taskType, done) =>
      client.createWorker({
        taskType,
        timeout: 5_000,
        longPoll: 2_000,
        pollInterval: 100,
        taskHandler: (job) => {
          done.push(String(job.processInstanceKey))
          return job.complete()
        },
      }),
    stop: () => client.close(),
    isRefusal: (error) => error.code === 8,
  }
}

function sdkRest() {
  const camunda = new Camunda8({ CAMUNDA_AUTH_STRATEGY: 'NONE', ZEEBE_REST_ADDRESS: rest, CAMUNDA_LOG_LEVEL: 'none' })
  const client = camunda.getCamundaRestClient()
  return {
    deploy: ({ file, text }) => client.deployResources([{ content: text, name: file }]),
    create: (processDefinitionId) => client.createProcessInstance({ processDefinitionId, variables: {} }),
    work: (type, done) =>
      client.createJobWorker({
        type,
        worker: 'refused',
        timeout: 5_000,
        requestTimeout: 2_000,
        maxJobsToActivate: 10,
        jobHandler: (job) => {
          done.push(String(job.processInstanceKey))
          return job.complete({})
        },
      }),
    stop: (worker) => worker.stop(),
    isRefusal: (error) => error.statusCode === 503 || error.response?.statusCode === 503,
  }
}

async function patiently(ask, isRefusal) {
  for (let refused = 0; ; refused++) {
    try {
      await ask()
      return refused
    } catch (error) {
      if (!isRefusal(error)) throw error
      await sleep(200)
    }
  }
}

async function whileRefused(name, client) {
  const wanted = model(name, 'refused')
  await patiently(() => client.deploy(wanted), client.isRefusal)
  const done = []
  const worker = client.work(wanted.jobType, done)
  const until = performance.now() + (seconds + 1) * 1000
  const created = []
  let [refused, slowest] = [0, 0]
  const create = async () => created.push(String((await client.create(wanted.processId)).processInstanceKey))
  console.log('BEGIN')
  while (performance.now() < until) {
    const began = performance.now()
    refused += await patiently(create, client.isRefusal)
    slowest = Math.max(slowest, performance.now() - began)
    await sleep(50)
  }
  for (let looks = 0; done.length < created.length && looks < 300; looks++) await sleep(100)
  await sleep(1000)
  await client.stop(worker)
  // Nothing is there that nobody was told of, and nothing was done twice. The SDK asks again by itself: what its user sees is a call
  // that takes long, if not a refusal at last.
  const isWhole = done.sort().join() === created.sort().join()
  if (!isWhole || (refused === 0 && slowest < 200)) {
    console.error(`FAIL ${name} refused: ${created.length} created, ${done.length} done, ${refused} refused, slowest ${slowest} ms`)
    process.exit(1)
  }
  console.log(`PASS ${name} refused (${created.length} created and done once, its user saw ${refused} refusals, slowest ${Math.round(slowest)} ms)`)
}

const clients = { orchestration, sdk_grpc: sdkGrpc, sdk_rest: sdkRest }
await whileRefused(process.argv[2], clients[process.argv[2]]())
process.exit(0)

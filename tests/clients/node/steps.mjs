// What the three programs share: steps with a PASS line each, wrong answers that end the program, and the model.
// It knows nothing of any SDK.
import { deepStrictEqual } from 'node:assert'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'

export const rest = process.env.RINGBOLT_REST ?? 'http://127.0.0.1:8080'
export const grpc = process.env.RINGBOLT_GRPC ?? '127.0.0.1:26500'
/** Tenants of a stream, for servers that want them named; a user of a server without tenants names none. */
export const tenants = (process.env.RINGBOLT_TENANTS ?? '').split(',').filter((tenant) => tenant !== '')

/** Steps and checks, by name, that the server under test is known to fail. */
const skipped = (process.env.RINGBOLT_SKIP ?? '').split(',')

const STEP_MS = 30_000
const run = randomUUID().slice(0, 8)

export function check(what, got, wanted) {
  if (skipped.includes(what)) return
  try {
    deepStrictEqual(got, wanted)
  } catch {
    throw new Error(`${what}: got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`)
  }
}

/** Runs one step; the first one that goes wrong ends the program. */
export async function step(client, what, work) {
  if (skipped.includes(what)) return
  const name = `${client} ${what}`
  const began = performance.now()
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no result within ${STEP_MS} ms`)), STEP_MS)
  })
  try {
    await Promise.race([work(), late])
  } catch (error) {
    console.error(`FAIL ${name}: ${[error?.stack ?? error, ...(error?.issues ?? [])].join('\n  ')}`)
    process.exit(1)
  }
  clearTimeout(timer)
  console.log(`PASS ${name} (${Math.round(performance.now() - began)} ms)`)
}

/** Waits for an error and checks it; an answer instead of the error is wrong. */
export async function refused(work, looksRight) {
  let answer
  try {
    answer = await work()
  } catch (error) {
    if (looksRight(error)) return
    throw error
  }
  throw new Error(`no error, but ${JSON.stringify(answer)}`)
}

/** A process and a job type of its own for a step, so that no worker of an earlier step takes its jobs. */
export function model(client, name, source = 'one_task.bpmn') {
  const processId = `${client}_${name}_${run}`
  const jobType = `${client}-${name}-${run}`
  const text = readFileSync(new URL(source, import.meta.url), 'utf8')
    .replaceAll('PROCESS_ID', processId)
    .replaceAll('JOB_TYPE', jobType)
    .replaceAll('SIGNAL_NAME', jobType)
    .replaceAll('MESSAGE_NAME', `${jobType}_begin`)
  return { processId, jobType, file: `${name}.bpmn`, text }
}

/** A decision of its own. */
export function decision(client) {
  const decisionId = `${client}_decision_${run}`
  const text = readFileSync(new URL('./decision.dmn', import.meta.url), 'utf8').replaceAll('DECISION_ID', decisionId)
  return { decisionId, file: 'discount.dmn', text }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** A promise with its handles outside. */
export function later() {
  const handles = {}
  const promise = new Promise((resolve, reject) => Object.assign(handles, { resolve, reject }))
  return { promise, ...handles }
}

import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import { z } from 'zod'
import type { Clock } from '#shared/domain/clock.ts'
import type { Queue } from '#shared/domain/topology.ts'
import { pause } from '#shared/service/pause.ts'
import { type Destination, type PostOutcome, signedPost } from '#shared/service/signed-post.ts'
import { sqsClient, type SqsOptions } from './sqs-task-queue.ts'

export type SqsTaskPullerOptions = SqsOptions & {
  /** The queues this worker serves. */
  queues: readonly Queue[]
  queueUrls: Readonly<Record<string, string>>
  /** Where the calls of a queue are POSTed (`…/tasks/<kind>`): the worker beside this puller. */
  destination: (queue: Queue) => Destination
  sign: (audience: string) => Promise<string>
  now: Clock
  /** How long a poll waits for a message, in s. */
  pollS?: number
  report?: (problem: { queue: string; task?: string; reason: string }) => void
}

const wake = z.object({
  name: z.string(),
  job_id: z.string(),
  not_before: z.iso.datetime().optional(),
  traceparent: z.string().optional(),
})
/** One message of the queue. */
export type SqsWake = z.infer<typeof wake>

const POLL_S = 20
/** Messages of one answer; SQS's own bound. */
const BATCH_MAX = 10
/** Pause after a poll that failed, in ms. */
const FAILED_MS = 2_000
/** Longest wait for a handler's answer, in ms; as Cloud Tasks has it. */
const DISPATCH_MS_MAX = 30 * 60_000
/** A message is nobody else's for so long without a sign of life, in s. */
const HELD_S = 60
/** Signs of life within that time. */
const BEATS = 3
/** The longest SQS hides a message, in s. */
const HIDDEN_S_MAX = 43_200
const MS_PER_S = 1_000
/** What a handler answers that is overloaded or away: it is not what ends a wake-up. */
const NOT_NOW = new Set([429, 503])

/**
 * Makes the calls of SQS queues to the worker beside it, within each queue's rate and concurrency, until disposed.
 *
 * A call that fails is made again after the queue's pauses, and past its attempts the message is dropped; the job's row is
 * the work. What is under way at the end stays in the queue. A worker that dies gives its messages back in a minute.
 */
export function sqsTaskPuller(options: SqsTaskPullerOptions): AsyncDisposable {
  const client = sqsClient(options)
  const stop = new AbortController()
  const lines = options.queues.map(queue => {
    const url = options.queueUrls[queue.name]
    if (url === undefined) throw new Error(`No address is known of the queue ${queue.name}.`)
    return new PulledQueue(client, url, queue, options, stop.signal).run()
  })
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await Promise.allSettled(lines)
      client.destroy()
    },
  }
}

class PulledQueue {
  readonly #client: SQSClient
  readonly #url: string
  readonly #queue: Queue
  readonly #options: SqsTaskPullerOptions
  readonly #stop: AbortSignal
  readonly #underWay = new Set<Promise<void>>()
  /** When the next call may start, in ms; calls that could have started in the last second are made up for. */
  #nextMs = 0

  constructor(client: SQSClient, url: string, queue: Queue, options: SqsTaskPullerOptions, stop: AbortSignal) {
    this.#client = client
    this.#url = url
    this.#queue = queue
    this.#options = options
    this.#stop = stop
  }

  async run(): Promise<void> {
    while (!this.#stop.aborted) {
      const free = this.#queue.maxConcurrent - this.#underWay.size
      if (free <= 0) {
        await Promise.race(this.#underWay)
        continue
      }
      for (const message of await this.#receive(Math.min(free, BATCH_MAX))) {
        await this.#turn()
        const call = this.#handle(message).finally(() => this.#underWay.delete(call))
        this.#underWay.add(call)
      }
    }
    await Promise.allSettled(this.#underWay)
  }

  async #receive(count: number): Promise<readonly Message[]> {
    try {
      const { Messages = [] } = await this.#client.send(
        new ReceiveMessageCommand({
          QueueUrl: this.#url,
          MaxNumberOfMessages: count,
          WaitTimeSeconds: this.#options.pollS ?? POLL_S,
          VisibilityTimeout: HELD_S,
          MessageSystemAttributeNames: ['ApproximateReceiveCount'],
        }),
        { abortSignal: this.#stop },
      )
      return Messages
    } catch (error) {
      if (this.#stop.aborted) return []
      this.#report(undefined, String(error))
      await pause(FAILED_MS, this.#stop)
      return []
    }
  }

  /** Waits until the queue's rate lets one more call start. */
  async #turn(): Promise<void> {
    const nowMs = this.#options.now()
    this.#nextMs = Math.max(this.#nextMs, nowMs - MS_PER_S) + MS_PER_S / this.#queue.maxPerSecond
    await pause(Math.max(0, this.#nextMs - nowMs), this.#stop)
  }

  async #handle(message: Message): Promise<void> {
    const read = wake.safeParse(parsed(message.Body))
    try {
      if (!read.success) {
        this.#report(undefined, 'a message is no wake-up')
        await this.#remove(message)
        return
      }
      const earlyMs = Date.parse(read.data.not_before ?? '') - this.#options.now()
      if (earlyMs > 0) {
        await this.#hide(message, earlyMs / MS_PER_S)
        return
      }
      await this.#settle(message, read.data, await this.#call(message, read.data))
    } catch (error) {
      // The message comes again by itself.
      this.#report(read.success ? read.data.name : undefined, String(error))
    }
  }

  async #call(message: Message, task: SqsWake): Promise<PostOutcome> {
    const beat = setInterval(
      () => {
        this.#hide(message, HELD_S).catch((error: unknown) => this.#report(task.name, String(error)))
      },
      (HELD_S / BEATS) * MS_PER_S,
    )
    try {
      return await signedPost({
        ...this.#options.destination(this.#queue),
        body: JSON.stringify({ job_id: task.job_id }),
        headers: {
          'x-cloudtasks-queuename': this.#queue.name,
          'x-cloudtasks-taskname': task.name,
          'x-cloudtasks-taskretrycount': String(receivesOf(message) - 1),
          ...(task.traceparent === undefined ? {} : { traceparent: task.traceparent }),
        },
        sign: this.#options.sign,
        timeoutMs: DISPATCH_MS_MAX,
        signal: this.#stop,
      })
    } finally {
      clearInterval(beat)
    }
  }

  async #settle(message: Message, task: SqsWake, outcome: PostOutcome): Promise<void> {
    if (outcome.kind === 'answered' && outcome.status >= 200 && outcome.status < 300) return await this.#remove(message)
    if (this.#stop.aborted) return await this.#hide(message, 0)
    this.#report(
      task.name,
      outcome.kind === 'answered' ? `answered ${outcome.status}: ${outcome.text}` : outcome.reason,
    )
    const away = outcome.kind === 'unreachable' || (outcome.kind === 'answered' && NOT_NOW.has(outcome.status))
    const receives = receivesOf(message)
    if (!away && receives >= this.#queue.attempts) return await this.#remove(message)
    const { backoffMinS, backoffMaxS } = this.#queue
    const limitS = Math.min(backoffMaxS, backoffMinS * 2 ** Math.min(receives - 1, 20))
    const asked = outcome.kind === 'answered' ? outcome.retryAfterMs : undefined
    await this.#hide(message, asked === undefined ? limitS : asked / MS_PER_S)
  }

  /** Nobody sees the message for so long, rounded to the second. */
  async #hide({ ReceiptHandle }: Message, seconds: number): Promise<void> {
    const VisibilityTimeout = Math.min(HIDDEN_S_MAX, Math.round(seconds))
    await this.#client.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: this.#url, ReceiptHandle, VisibilityTimeout }),
    )
  }

  async #remove({ ReceiptHandle }: Message): Promise<void> {
    await this.#client.send(new DeleteMessageCommand({ QueueUrl: this.#url, ReceiptHandle }))
  }

  #report(task: string | undefined, reason: string): void {
    this.#options.report?.({ queue: this.#queue.name, reason, ...(task === undefined ? {} : { task }) })
  }
}

function receivesOf({ Attributes }: Message): number {
  return Number(Attributes?.ApproximateReceiveCount ?? 1)
}

function parsed(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? '')
  } catch {
    return undefined
  }
}

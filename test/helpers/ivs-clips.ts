import { createClips, cuttingOf, type ClipsAppDeps } from '#run-services/clips/app.ts'
import type { ClipAnswer } from '#run-services/clips/clip-answer.ts'
import type { DomainEvent } from '#shared/domain/domain-event.ts'
import { QUEUES } from '#shared/domain/topology.ts'
import { memoryBroadcast } from '#shared/ports/broadcast/memory-broadcast.ts'
import { serviceCalls } from '#shared/service/service-call.ts'
import type { ServiceApp } from '#shared/service/service-app.ts'
import type { IvsRig } from './ivs-rig.ts'

/** The clips service beside the channels of an IVS rig: one database, one bucket; nothing runs but what the test asks for. */
export type IvsClips = {
  app: ServiceApp
  deps: ClipsAppDeps
  ask(body: object, sub?: string): Promise<{ status: number; body: ClipAnswer & { code?: string; length_ms?: number } }>
  get(id: string): Promise<ClipAnswer>
  /** Delivers what happened in a show and was not delivered yet. */
  hear(streamId: string): Promise<void>
  /** Runs the service's own jobs that were asked for, and what they ask for. */
  work(): Promise<void>
}

export function ivsClips({ service, store }: IvsRig): IvsClips {
  const deps: ClipsAppDeps = {
    ...service.deps,
    broadcast: memoryBroadcast(),
    settings: { mediaUrl: new URL('http://media.test:8081'), originUrl: new URL('http://127.0.0.1:9'), sweepS: 60 },
    cutting: cuttingOf({ store }),
  }
  const app = createClips(deps)
  const calls = serviceCalls({ key: new Uint8Array(32).fill(7), issuer: 'test', now: () => service.clock.nowMs })
  const heard = new Set<string>()
  let worked = 0

  const request = async (method: string, path: string, bearer: string, body?: object): Promise<Response> =>
    app.request(`http://clips.test${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const asService = async (path: string, body: object): Promise<void> => {
    const response = await request('POST', path, await calls.sign('clips', 'bus'), body)
    if (response.status !== 204) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
  }
  const push = async (event: DomainEvent): Promise<void> => {
    const data = Buffer.from(JSON.stringify(event)).toString('base64')
    const message = { messageId: event.id, orderingKey: event.partitionkey, attributes: {}, data }
    await asService('/push/clips--streams', { message, subscription: 'clips--streams', deliveryAttempt: 1 })
  }
  const own = new Set<string>(
    QUEUES.filter(queue => queue.service === 'clips' && queue.runner === 'service').map(({ name }) => name),
  )
  return {
    app,
    deps,
    ask: async (body, sub = 'vera') => {
      const response = await request('POST', '/v1/clips', `${sub}.viewer`, body)
      return { status: response.status, body: (await response.json()) as ClipAnswer }
    },
    get: async id => (await (await request('GET', `/v1/clips/${id}`, 'vera.viewer')).json()) as ClipAnswer,
    hear: async streamId => {
      for (const event of await service.events(streamId)) {
        const wanted = event.type === 'segment.finalized' || event.type === 'stream.ended'
        if (!wanted || heard.has(event.id)) continue
        heard.add(event.id)
        await push(event)
      }
    },
    work: async () => {
      for (let wake = service.wakes[worked]; wake !== undefined; wake = service.wakes[worked]) {
        worked += 1
        if (own.has(wake.queue)) await asService(`/tasks/${wake.queue}`, { job_id: wake.jobId })
      }
    },
  }
}

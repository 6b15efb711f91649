import { z } from 'zod'
import { guardedCall } from './guarded-call.ts'

const CALL_MS_MAX = 2_000
const RETRIES = 3
/** `arn:aws:ecs:<region>:<account>:task/<cluster>/<id>`. */
const TASK_ARN = /^arn:aws[a-z-]*:ecs:[^:]+:\d+:task\/(?:[^/]+\/)?([A-Za-z0-9-]{1,64})$/u
const described = z.object({
  TaskARN: z.string(),
  Containers: z.array(z.object({ Networks: z.array(z.object({ IPv4Addresses: z.array(z.ipv4()).default([]) })) })),
})

/**
 * The ECS task this process runs in, from the task's metadata (Amazon ECS Developer Guide, "Task metadata endpoint version
 * 4"): its id, one for as long as the task is there and of no other task ever, and its address in its network. Throws
 * `service.unavailable`.
 */
export async function ecsTask(metadata: URL): Promise<{ id: string; address: string }> {
  const guarded = guardedCall({ name: 'the task’s metadata', timeoutMs: CALL_MS_MAX, retries: RETRIES })
  const { TaskARN, Containers } = await guarded(async signal => {
    const answer = await fetch(new URL(`${metadata.pathname.replace(/\/$/u, '')}/task`, metadata), { signal })
    if (!answer.ok) throw new Error(`The task's metadata answered ${answer.status}.`)
    return described.parse(await answer.json())
  })
  const [, id] = TASK_ARN.exec(TaskARN) ?? []
  const address = Containers.flatMap(({ Networks }) => Networks).flatMap(each => each.IPv4Addresses)[0]
  if (id === undefined || address === undefined) throw new Error(`${TaskARN} names no task with an address.`)
  return { id, address }
}

import { z } from 'zod'
import { guardedCall } from './guarded-call.ts'

const CALL_MS_MAX = 2_000
const RETRIES = 3
/** `arn:aws:ecs:<region>:<account>:task/<cluster>/<id>`. */
const TASK_ARN = /^arn:aws[a-z-]*:ecs:[^:]+:\d+:task\/(?:[^/]+\/)?([A-Za-z0-9-]{1,64})$/u
const described = z.object({ TaskARN: z.string() })

/**
 * The id of the ECS task this process runs in, from the task's metadata (Amazon ECS Developer Guide, "Task metadata
 * endpoint version 4"): one for as long as the task is there, and of no other task ever. Throws `service.unavailable`.
 */
export async function ecsTaskId(metadata: URL): Promise<string> {
  const guarded = guardedCall({ name: 'the task’s metadata', timeoutMs: CALL_MS_MAX, retries: RETRIES })
  const { TaskARN } = await guarded(async signal => {
    const answer = await fetch(new URL(`${metadata.pathname.replace(/\/$/u, '')}/task`, metadata), { signal })
    if (!answer.ok) throw new Error(`The task's metadata answered ${answer.status}.`)
    return described.parse(await answer.json())
  })
  const [, id] = TASK_ARN.exec(TaskARN) ?? []
  if (id === undefined) throw new Error(`${TaskARN} names no task.`)
  return id
}

import { pause } from '#shared/service/pause.ts'

/** Asks again and again until there is an answer; throws `what` with a sentence when the signal aborts first. */
export async function untilSeen<Answer>(
  what: string,
  look: () => Promise<Answer | undefined>,
  { everyMs, signal }: { everyMs: number; signal: AbortSignal },
): Promise<Answer> {
  for (;;) {
    const answer = await look()
    if (answer !== undefined) return answer
    if (signal.aborted) throw new Error(`${what} did not come in time.`)
    await pause(everyMs, signal)
  }
}

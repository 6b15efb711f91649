import type { Lifetime } from '#shared/service/lifetime.ts'

/** What a process that has started serves, and how long. */
export type Started = { life: Lifetime; ports: Readonly<Record<string, number>> }

/**
 * Runs a process from its start to its end: tells whoever supervises it that it is ready, on which ports, or in one plain
 * sentence why it cannot start; exits with 0 after its drain and with 1 when it could not start.
 */
export async function startOrSay(start: () => Promise<Started>): Promise<never> {
  try {
    const { life, ports } = await start()
    const told = Object.entries(ports).map(([name, port]) => `${name} ${port}`)
    if (process.send === undefined) process.stdout.write(`ready  ${told.join('  ')}\n`)
    else process.send({ type: 'ready', ports })
    await life.done
    process.exit(0)
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error)
    await say(sentence)
    process.exit(1)
  }
}

function say(sentence: string): Promise<void> {
  if (process.send === undefined) {
    process.stderr.write(`${sentence}\n`)
    return Promise.resolve()
  }
  return new Promise(resolve => process.send?.({ type: 'refused', sentence }, () => resolve()))
}

/** What a child tells the supervisor: that it serves, or one sentence why it cannot. */
export type ChildMessage = { type: 'ready'; port?: number } | { type: 'refused'; sentence: string }

/** Sends it over the IPC channel; does nothing in a process that nobody supervises. */
export function tellParent(message: ChildMessage): void {
  process.send?.(message)
}

/** Runs a child's start; a failure is told to the supervisor in one sentence and ends the process with code 1. */
export async function startOrRefuse(start: () => Promise<void>): Promise<void> {
  try {
    await start()
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error)
    process.exitCode = 1
    if (process.send === undefined) {
      process.stderr.write(`${sentence}\n`)
      process.exit()
    }
    process.send({ type: 'refused', sentence }, () => process.exit())
  }
}

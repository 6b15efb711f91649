const POLL_MS = 50
/** Longest wait for a platform whose children are all up, in ms. */
const READY_MS_MAX = 60_000

/** Resolves when the address answers 200; rejects with its last answer when it does not in time. */
export async function untilReady(url: string): Promise<void> {
  const deadline = performance.now() + READY_MS_MAX
  let last = 'no answer'
  while (performance.now() < deadline) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(5_000) })
      if (response.ok) return
      last = `${response.status} ${await response.text()}`
    } catch (error) {
      last = String(error)
    }
    await new Promise(resolve => setTimeout(resolve, POLL_MS))
  }
  throw new Error(`The platform did not become ready: ${last}`)
}

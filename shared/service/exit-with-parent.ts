/** A child that still runs so long after its parent is gone is stuck, in ms. */
const STUCK_MS = 10_000

/**
 * Ends this process when its parent is gone, however that died: the IPC channel, or the pipe on stdin, closes with it.
 * The process gets a SIGTERM as if the parent had sent one, so it drains; what is still running after that is killed.
 */
export function exitWithParent(): void {
  const gone = () => {
    process.kill(process.pid, 'SIGTERM')
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), STUCK_MS).unref()
  }
  if (process.connected) {
    process.once('disconnect', gone)
    return
  }
  let told = false
  const once = () => {
    if (!told) gone()
    told = true
  }
  process.stdin.once('end', once).once('close', once).once('error', once)
  process.stdin.resume()
}

export type PackagerFault = 'no-key-frame' | 'misaligned' | 'no-video' | 'unknown-track' | 'no-init' | 'ended'

/** The encoder's output cannot be packaged; its epoch is over, the show is not. */
export class PackagerError extends Error {
  readonly fault: PackagerFault

  constructor(fault: PackagerFault, message: string) {
    super(message)
    this.name = 'PackagerError'
    this.fault = fault
  }
}

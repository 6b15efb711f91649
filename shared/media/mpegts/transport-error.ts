/** What is wrong with the bytes of a transport stream: never a crash, never an endless wait. */
export type TransportFault =
  | 'truncated'
  | 'lost-sync'
  | 'lost-packets'
  | 'no-program'
  | 'too-many'
  | 'bad-time'
  | 'unsupported'

/** Bytes that are not the MPEG-2 transport stream they claim to be, or one that is not served here. */
export class TransportError extends Error {
  readonly fault: TransportFault

  constructor(fault: TransportFault, message: string) {
    super(message)
    this.name = 'TransportError'
    this.fault = fault
  }
}

export type RtmpFault = 'handshake' | 'chunk' | 'message' | 'amf' | 'command' | 'unsupported'

/** The peer broke RTMP or a bound of ours; the message is one sentence that may be shown to it. */
export class RtmpError extends Error {
  readonly fault: RtmpFault

  constructor(fault: RtmpFault, message: string) {
    super(message)
    this.name = 'RtmpError'
    this.fault = fault
  }
}

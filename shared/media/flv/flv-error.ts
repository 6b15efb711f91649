/** The bytes are not FLV, or not what their header says; the message names the fault for a publisher's log. */
export class FlvError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'FlvError'
  }
}

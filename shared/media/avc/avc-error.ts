/** The H.264 parameter sets cannot be read; the message names the fault for a publisher's log. */
export class AvcError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'AvcError'
  }
}

/** What is wrong with the bytes: never a crash, never an endless wait. */
export type IsobmffFault =
  | 'truncated'
  | 'bad-size'
  | 'too-large'
  | 'too-many'
  | 'missing-box'
  | 'out-of-order'
  | 'unsupported'

/** Bytes that are not the ISO base media file they claim to be; the message names the box and the fault. */
export class IsobmffError extends Error {
  readonly fault: IsobmffFault

  constructor(fault: IsobmffFault, message: string) {
    super(message)
    this.name = 'IsobmffError'
    this.fault = fault
  }
}

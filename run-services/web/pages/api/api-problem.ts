/** Why a call did not succeed, in the words of RFC 9457 where the server answered, else `network.unreachable`. */
export class ApiProblem extends Error {
  readonly code: string
  readonly status: number
  readonly retryable: boolean
  readonly requestId: string | undefined

  constructor(facts: {
    code: string
    status: number
    detail: string
    retryable: boolean
    requestId?: string | undefined
  }) {
    super(facts.detail)
    this.name = 'ApiProblem'
    this.code = facts.code
    this.status = facts.status
    this.retryable = facts.retryable
    this.requestId = facts.requestId
  }
}

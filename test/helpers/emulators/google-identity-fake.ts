import { createServer } from 'node:http'

/** Google's token exchange and its account signer, for roles of AWS. */
export type GoogleIdentityFake = AsyncDisposable & {
  tokenUrl: string
  signUrl: string
  /** Accounts and audiences that tokens were signed for. */
  signed: { account: string; audience: string }[]
}

const ACCESS = 'access-of-a-role'

/** Takes any role, and signs as the caller says; it checks the order of things and no signature of AWS. */
export async function googleIdentityFake(sign: (audience: string) => Promise<string>): Promise<GoogleIdentityFake> {
  const signed: GoogleIdentityFake['signed'] = []
  const answer = async (path: string, authorization: string | undefined, body: string): Promise<object | undefined> => {
    if (path === '/v1/token') {
      const subject = new URLSearchParams(body).get('subjectToken') ?? new URLSearchParams(body).get('subject_token')
      if (subject?.includes('GetCallerIdentity') !== true) return undefined
      const kind = 'urn:ietf:params:oauth:token-type:access_token'
      return { access_token: ACCESS, issued_token_type: kind, token_type: 'Bearer', expires_in: 3_600 }
    }
    const account = /^\/v1\/projects\/-\/serviceAccounts\/([^:]+):generateIdToken$/.exec(path)?.[1]
    if (account === undefined || authorization !== `Bearer ${ACCESS}`) return undefined
    const { audience } = JSON.parse(body) as { audience: string }
    signed.push({ account: decodeURIComponent(account), audience })
    return { token: await sign(audience) }
  }
  const server = createServer((request, response) => {
    const serve = async (): Promise<void> => {
      let body = ''
      for await (const chunk of request.setEncoding('utf8')) body += String(chunk)
      const said = await answer(request.url ?? '', request.headers.authorization, body)
      response.writeHead(said === undefined ? 403 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(said ?? { error: 'refused' }))
    }
    serve().catch(() => response.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  return {
    tokenUrl: `${url}/v1/token`,
    signUrl: url,
    signed,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

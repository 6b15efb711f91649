const CREATOR = 'blender'
const CALL_MS_MAX = 30_000

async function token(controlUrl: URL): Promise<string> {
  const response = await fetch(new URL('/dev/token', controlUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sub: CREATOR, roles: ['creator'] }),
    signal: AbortSignal.timeout(CALL_MS_MAX),
  })
  return ((await response.json()) as { token: string }).token
}

/** Calls the public API as the demo's creator; throws for an answer that is not 2xx. */
export async function demoCall<Answer>(controlUrl: URL, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(new URL(path, controlUrl), {
    method,
    headers: { authorization: `Bearer ${await token(controlUrl)}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(CALL_MS_MAX),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as Answer
}

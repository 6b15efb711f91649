import type { HonoRequest } from 'hono'
import { Refusal } from '#shared/domain/refusal.ts'

const NUL = '\u0000'
const ESCAPE = '\\u'
/** Deepest nesting of a JSON body; deeper ones exhaust stacks further in. */
const DEPTH_MAX = 32

/**
 * Reads a JSON request's body once, within its limit, so that every handler finds bounded, storable text.
 *
 * Throws `request.too-large` beyond `bytesMax`, `request.malformed` for what is not UTF-8 JSON, or holds a NUL character
 * or half a surrogate pair: no engine stores those as text. A body of another type is bounded and left alone.
 */
export async function readBody(request: HonoRequest, bytesMax: number): Promise<void> {
  const raw = request.raw
  const declared = raw.headers.get('content-length')
  if (declared !== null && Number(declared) > bytesMax) throw tooLarge(bytesMax)
  if (declared === '0' || (declared === null && raw.headers.get('transfer-encoding') === null && raw.body === null))
    return
  const text = await arrived(declared === null ? boundedText(raw, bytesMax) : raw.text())
  // The cache holds promises, whatever its type says: Hono's own readers await what they find here.
  Object.assign(request.bodyCache, { text: Promise.resolve(text) })
  if (text !== '' && /json/i.test(raw.headers.get('content-type') ?? '')) checkJson(text)
}

async function arrived(body: Promise<string>): Promise<string> {
  try {
    return await body
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal('request.malformed', { detail: 'The body ended before its length was reached.', cause: error })
  }
}

async function boundedText(raw: Request, bytesMax: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of raw.body ?? []) {
    size += chunk.byteLength
    if (size > bytesMax) throw tooLarge(bytesMax)
    chunks.push(chunk)
  }
  return new TextDecoder().decode(Buffer.concat(chunks))
}

function checkJson(text: string): void {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Refusal('request.malformed', { detail: 'The body is not valid JSON.', cause: error })
  }
  // Only an escape can bring a NUL or half a pair into well-formed text, and only brackets can nest.
  checkValue(value, text.includes(ESCAPE), 0)
}

function checkValue(value: unknown, escaped: boolean, depth: number): void {
  if (typeof value === 'string') {
    if (escaped) checkText(value)
    return
  }
  if (typeof value !== 'object' || value === null) return
  if (depth >= DEPTH_MAX) {
    throw new Refusal('request.malformed', { detail: `The body is nested deeper than ${DEPTH_MAX} levels.` })
  }
  for (const [name, member] of Object.entries(value)) {
    if (escaped) checkText(name)
    checkValue(member, escaped, depth + 1)
  }
}

/** Throws `request.malformed` for text that no engine can store. */
export function checkText(text: string): void {
  if (text.includes(NUL) || !text.isWellFormed()) {
    throw new Refusal('request.malformed', {
      detail: 'Text may hold neither NUL characters nor half of a surrogate pair.',
    })
  }
}

function tooLarge(bytesMax: number): Refusal {
  return new Refusal('request.too-large', { detail: `The body is larger than ${bytesMax} bytes.` })
}

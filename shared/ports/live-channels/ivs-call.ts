import { IvsClient, IvsServiceException, type IvsClientConfig } from '@aws-sdk/client-ivs'
import { Refusal, type RefusalCode } from '#shared/domain/refusal.ts'

export type IvsCallOptions = {
  region: string
  /** Keyless, from `awsWebIdentity`; a fake takes any. */
  credentials: NonNullable<IvsClientConfig['credentials']>
  /** A fake's, e.g. `http://127.0.0.1:5001`. */
  endpoint?: string
}

/** Tries of one call, with jitter between them. */
const ATTEMPTS = 4
const CONNECT_MS_MAX = 2_000
const ANSWER_MS_MAX = 5_000
/** All tries of one call together, in ms. */
const CALL_MS_MAX = 10_000
/** Pages of one list; a hundred items each at most. */
const PAGES_MAX = 100
const THROTTLED_RETRY_S = 1
const UNAVAILABLE_RETRY_S = 5

/** What IVS's errors mean to callers of the port; any other is `service.unavailable`. */
const CODES: Readonly<Record<string, RefusalCode>> = {
  ResourceNotFoundException: 'resource.missing',
  ChannelNotBroadcasting: 'stream.not-live',
  ThrottlingException: 'request.rate-limited',
}

/** A client whose calls end within ten seconds, tries included. */
export function ivsClient({ region, credentials, endpoint }: IvsCallOptions): IvsClient {
  return new IvsClient({
    region,
    credentials,
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts: ATTEMPTS,
    retryMode: 'standard',
    requestHandler: { connectionTimeout: CONNECT_MS_MAX, requestTimeout: ANSWER_MS_MAX },
  })
}

/** Runs one call of IVS; its failure is the refusal that the port names. */
export async function ivsCall<Answer>(
  call: (options: { abortSignal: AbortSignal }) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await call({ abortSignal: AbortSignal.timeout(CALL_MS_MAX) })
  } catch (error) {
    throw refusalOf(error)
  }
}

/** Every item of a list, page by page, at most `PAGES_MAX` of them. */
export async function everyPage<Page, Item>(
  pages: (options: { abortSignal: AbortSignal }) => AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  return await ivsCall(async options => {
    const found: Item[] = []
    let read = 0
    for await (const page of pages(options)) {
      found.push(...(itemsOf(page) ?? []))
      if ((read += 1) === PAGES_MAX) break
    }
    return found
  })
}

/** What `call` gives, or undefined when IVS says that there is no such thing, or that it is not on the air. */
export async function ifThere<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer
  } catch (error) {
    const absent = error instanceof Refusal && (error.code === 'resource.missing' || error.code === 'stream.not-live')
    if (absent) return undefined
    throw error
  }
}

function refusalOf(error: unknown): Refusal {
  const name = error instanceof IvsServiceException ? error.name : 'no answer'
  const code = CODES[name] ?? 'service.unavailable'
  const retryAfterS =
    code === 'request.rate-limited'
      ? THROTTLED_RETRY_S
      : code === 'service.unavailable'
        ? UNAVAILABLE_RETRY_S
        : undefined
  return new Refusal(code, {
    detail: `Amazon IVS: ${name}.`,
    cause: error,
    ...(retryAfterS === undefined ? {} : { retryAfterS }),
  })
}

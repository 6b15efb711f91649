import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { type Clock, rfc3339 } from '#shared/domain/clock.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import type { Transaction } from '#shared/ports/database/database.ts'
import { json, namedQuery, tables } from '#shared/ports/database/named-query.ts'

/** What a request with an `Idempotency-Key` is known by. */
export type KeyedRequest = {
  /** sha256 of principal, method, route and key, in hex. */
  keyHash: string
  /** sha256 of path, query and body, in hex. */
  requestHash: string
  /** The raw header: opens and seals the stored answer, and is itself stored nowhere. */
  key: string
}

export type StoredAnswer = { status: number; headers: Record<string, string>; body: string }

/** Either the request is ours to run, under the claim's time, or it was answered before. */
export type Claim = { claimedAt: string } | { answer: StoredAnswer }

/** Where the answers to keyed requests are kept. */
export interface IdempotencyStore {
  /**
   * Claims the key within `tx`. Throws `idempotency.key-reused` when it was used for another request and
   * `idempotency.in-flight` while the first one still runs; a claim older than 60 s was left by a crash and passes on.
   */
  claim(tx: Transaction, request: KeyedRequest): Promise<Claim>
  /** Keeps the answer, sealed; false when the claim has passed to another request meanwhile. */
  keep(tx: Transaction, request: KeyedRequest, claimedAt: string, answer: StoredAnswer): Promise<boolean>
  /** Gives the key back: the request may be tried again. */
  release(tx: Transaction, request: KeyedRequest, claimedAt: string): Promise<void>
}

type Sealed = { iv: string; tag: string; body: string }

const KEPT_MS = 86_400_000
const IN_FLIGHT_MS = 60_000
const IN_FLIGHT_RETRY_S = 1
const IV_BYTES = 12
const KEY_BYTES = 32
const CIPHER = 'aes-256-gcm'
const SEAL_INFO = 'idempotency-answer-v1'
const SAMPLE_TIME = '2026-01-01T00:00:00.000Z'
const SAMPLE_HASH = 'a'.repeat(64)

const claimKey = namedQuery(
  'idempotency.claim',
  [SAMPLE_HASH, SAMPLE_HASH, SAMPLE_TIME],
  (keyHash: string, requestHash: string, now: string) =>
    tables
      .insertInto('idempotency_keys')
      .values({ key_hash: keyHash, request_hash: requestHash, created_at: now })
      .onConflict(conflict => conflict.column('key_hash').doNothing())
      .returning('key_hash'),
)

const readKey = namedQuery('idempotency.read', [SAMPLE_HASH], (keyHash: string) =>
  tables.selectFrom('idempotency_keys').selectAll().where('key_hash', '=', keyHash),
)

/** `created_at` can only be written by an insert: a key that has run out is removed and claimed again. */
const removeKey = namedQuery('idempotency.remove', [SAMPLE_HASH, SAMPLE_TIME], (keyHash: string, claimedAt: string) =>
  tables
    .deleteFrom('idempotency_keys')
    .where('key_hash', '=', keyHash)
    .where('created_at', '=', claimedAt)
    .returning('key_hash'),
)

const answerKey = namedQuery(
  'idempotency.answer',
  [SAMPLE_HASH, SAMPLE_TIME, 201, '{}'],
  (keyHash: string, claimedAt: string, status: number, response: string) =>
    tables
      .updateTable('idempotency_keys')
      .set({ status, response })
      .where('key_hash', '=', keyHash)
      .where('created_at', '=', claimedAt)
      .returning('key_hash'),
)

/** Keys and sealed answers as rows, kept 24 hours. */
export function idempotencyStore(options: { sealingKey: Uint8Array; now: Clock }): IdempotencyStore {
  const { sealingKey, now } = options

  async function insert(tx: Transaction, request: KeyedRequest): Promise<Claim | undefined> {
    const claimedAt = rfc3339(now())
    const { rows } = await tx.write(claimKey(request.keyHash, request.requestHash, claimedAt))
    return rows.length > 0 ? { claimedAt } : undefined
  }

  return {
    claim: async (tx, request) => {
      const claimed = await insert(tx, request)
      if (claimed !== undefined) return claimed
      const [row] = await tx.read(readKey(request.keyHash))
      const ageMs = row === undefined ? 0 : now() - Date.parse(row.created_at)
      const free = row !== undefined && ageMs > (row.status === null ? IN_FLIGHT_MS : KEPT_MS)
      if (free) {
        await tx.write(removeKey(request.keyHash, row.created_at))
        const reclaimed = await insert(tx, request)
        if (reclaimed !== undefined) return reclaimed
      } else if (row !== undefined) {
        if (row.request_hash !== request.requestHash) throw reused()
        if (row.status !== null) return { answer: open(row.response as Sealed, row.status, request, sealingKey) }
      }
      throw inFlight()
    },
    keep: async (tx, request, claimedAt, answer) => {
      const sealed = json(seal(answer, request, sealingKey))
      const { rows } = await tx.write(answerKey(request.keyHash, claimedAt, answer.status, sealed))
      return rows.length > 0
    },
    release: async (tx, request, claimedAt) => {
      await tx.write(removeKey(request.keyHash, claimedAt))
    },
  }
}

/** The database alone cannot open an answer: the key needs both our sealing key and the client's raw header. */
function sealKey(request: KeyedRequest, sealingKey: Uint8Array): Buffer {
  const material = Buffer.concat([sealingKey, Buffer.from(request.key)])
  return Buffer.from(hkdfSync('sha256', material, Buffer.from(request.keyHash, 'hex'), SEAL_INFO, KEY_BYTES))
}

function seal(answer: StoredAnswer, request: KeyedRequest, sealingKey: Uint8Array): Sealed {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, sealKey(request, sealingKey), iv)
  const text = JSON.stringify({ headers: answer.headers, body: answer.body })
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return { iv: iv.toString('base64'), tag: cipher.getAuthTag().toString('base64'), body: body.toString('base64') }
}

function open(sealed: Sealed, status: number, request: KeyedRequest, sealingKey: Uint8Array): StoredAnswer {
  const decipher = createDecipheriv(CIPHER, sealKey(request, sealingKey), Buffer.from(sealed.iv, 'base64'))
  decipher.setAuthTag(Buffer.from(sealed.tag, 'base64'))
  const text = Buffer.concat([decipher.update(Buffer.from(sealed.body, 'base64')), decipher.final()]).toString('utf8')
  return { status, ...(JSON.parse(text) as Omit<StoredAnswer, 'status'>) }
}

function reused(): Refusal {
  return new Refusal('idempotency.key-reused', {
    detail: 'Use a new Idempotency-Key for another request.',
    param: 'Idempotency-Key',
  })
}

function inFlight(): Refusal {
  return new Refusal('idempotency.in-flight', {
    detail: 'Send the request again in a moment; its answer will be the same.',
    retryAfterS: IN_FLIGHT_RETRY_S,
  })
}

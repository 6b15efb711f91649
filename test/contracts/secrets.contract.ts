import { expect, test } from 'vitest'
import type { SecretName, Secrets } from '#shared/ports/secrets/secrets.ts'

const NAMES: readonly SecretName[] = ['service-calls', 'cursors', 'object-urls', 'stream-keys', 'sealing', 'issuer']

/** What every Secrets promises; `open` gives another process's view of the same deployment. */
export function secretsContract(open: () => Secrets): void {
  test('every secret of the product has at least 32 bytes, and no two are alike', async () => {
    const secrets = open()
    const found = await Promise.all(NAMES.map(async name => await secrets.get(name)))
    for (const bytes of found) expect(bytes.byteLength).toBeGreaterThanOrEqual(32)
    expect(new Set(found.map(bytes => Buffer.from(bytes).toString('hex'))).size).toBe(NAMES.length)
  })

  test('everyone who asks gets the same bytes, also at the same time', async () => {
    const found = await Promise.all(Array.from({ length: 12 }, async () => await open().get('cursors')))
    expect(new Set(found.map(bytes => Buffer.from(bytes).toString('hex'))).size).toBe(1)
  })

  test('a caller that changes its copy changes nobody else’s', async () => {
    const secrets = open()
    const copy = await secrets.get('sealing')
    const before = Buffer.from(copy).toString('hex')
    copy.fill(0)
    expect(Buffer.from(await secrets.get('sealing')).toString('hex')).toBe(before)
  })
}

import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Secrets } from '#shared/ports/secrets/secrets.ts'
import { secretManagerSecrets } from '#shared/ports/secrets/secret-manager-secrets.ts'
import { type SecretManagerFake, startSecretManagerFake } from '../helpers/emulators/secret-manager-fake.ts'
import { secretsContract } from './secrets.contract.ts'

const PROJECT = 'showreel-emulated'
const NAMES = ['service-calls', 'cursors', 'object-urls', 'stream-keys', 'sealing', 'issuer']
const at = (name: string) => `projects/${PROJECT}/secrets/test-${name}`
// Google's client asks the machine who it is otherwise.
process.env['METADATA_SERVER_DETECTION'] = 'none'

describe('secretManagerSecrets, on a fake of its service', () => {
  const values = new Map<string, Uint8Array>(
    NAMES.map(name => [at(name), createHash('sha256').update(name).digest()] as const),
  )
  const opened: AsyncDisposable[] = []
  let fake: SecretManagerFake
  const open = (prefix = 'test-'): Secrets => {
    const made = secretManagerSecrets({ projectId: PROJECT, prefix, connection: fake.connection })
    opened.push(made)
    return made
  }
  beforeAll(async () => {
    fake = await startSecretManagerFake(values)
  })
  afterAll(async () => {
    for (const each of opened) await each[Symbol.asyncDispose]()
    await fake[Symbol.asyncDispose]()
  })

  secretsContract(() => open())

  test('the newest version is read, once a process', async () => {
    fake.read.length = 0
    const secrets = open()
    await Promise.all([secrets.get('cursors'), secrets.get('cursors')])
    await secrets.get('cursors')
    expect(fake.read).toEqual([`${at('cursors')}/versions/latest`])
  })

  test('one that is not there is asked for again, one that is too short is no key', async () => {
    await expect(open('other-').get('cursors')).rejects.toMatchObject({ code: 'service.unavailable' })
    values.set(`projects/${PROJECT}/secrets/short-cursors`, Buffer.from('short'))
    const secrets = open('short-')
    await expect(secrets.get('cursors')).rejects.toThrow('shorter than 32 bytes')
    values.set(`projects/${PROJECT}/secrets/short-cursors`, Buffer.alloc(32, 1))
    expect((await secrets.get('cursors')).byteLength).toBe(32)
  })
})

import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { directorySecrets } from '#shared/ports/secrets/directory-secrets.ts'
import { secretsContract } from './secrets.contract.ts'

const root = mkdtempSync(join(tmpdir(), 'showreel-secrets-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('directorySecrets', () => {
  const directory = join(root, 'secrets')
  secretsContract(() => directorySecrets(directory))

  test('nobody else on the machine can read them, and no draft is left', async () => {
    await directorySecrets(directory).get('issuer')
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    for (const file of readdirSync(directory)) {
      expect(file).toMatch(/^[a-z-]+\.key$/)
      expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600)
    }
  })

  test('a damaged file is an error and not a weak key', async () => {
    const damaged = join(root, 'damaged')
    mkdirSync(damaged)
    writeFileSync(join(damaged, 'cursors.key'), 'short')
    await expect(directorySecrets(damaged).get('cursors')).rejects.toThrow('damaged')
  })
})

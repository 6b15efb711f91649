import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { lockfileFindings } from './lint-lockfile.ts'

type Lockfile = Parameters<typeof lockfileFindings>[0]

const INTEGRITY = `sha512-${'A'.repeat(86)}==`
const withEntry = (entry: object): Lockfile => ({
  lockfileVersion: 3,
  packages: { '': {}, 'node_modules/x': { integrity: INTEGRITY, ...entry } },
})

test('our own lockfile has nothing to find', () => {
  expect(lockfileFindings(JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lockfile)).toEqual([])
})

test.each([
  ['another registry', { resolved: 'https://example.org/x/-/x-1.0.0.tgz' }, 'comes from elsewhere'],
  [
    'a registry that only begins like ours',
    { resolved: 'https://registry.npmjs.org.example/x.tgz' },
    'comes from elsewhere',
  ],
  ['a repository', { resolved: 'git+ssh://git@example.org/x.git#1' }, 'comes from elsewhere'],
  ['no integrity', { integrity: undefined }, 'has no integrity'],
  ['a weak hash', { integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }, 'less than sha512'],
  ['a folder', { link: true, resolved: '../x' }, 'a link to a folder'],
  ['an optional package of every platform without integrity', { optional: true, integrity: undefined }, 'no integrity'],
])('%s is found', (_what, entry, says) => {
  expect(lockfileFindings(withEntry(entry)).join()).toContain(says)
})

test.each([
  ['the public registry', { resolved: 'https://registry.npmjs.org/x/-/x-1.0.0.tgz' }],
  ['no address at all', {}],
  ['another platform’s binary, which nobody fetched', { optional: true, os: ['darwin'], integrity: undefined }],
])('%s is fine', (_what, entry) => {
  expect(lockfileFindings(withEntry(entry))).toEqual([])
})

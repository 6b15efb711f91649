import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { projectFiles } from './source-files.ts'

const ARCHITECTURE_LINES_MAX = 200
const MACHINE_PATH = /(?:^|[\s("'`=])\/(?:tmp|usr\/lib|opt|root|work|home)\/[a-z]/mu

/** Paths named in backticks or links that look like files or folders of this repository. */
function namedPaths(text: string): string[] {
  const ticks = [...text.matchAll(/`((?:[a-z][a-z0-9_-]*\/)+[A-Za-z0-9_./-]*)`/gu)].map(([, path = '']) => path)
  const links = [...text.matchAll(/\]\(([^)#:]+)\)/gu)].map(([, path = '']) => path)
  return [...ticks, ...links]
}

test('every path the README and the architecture name exists', () => {
  const missing = ['README.md', 'docs/ARCHITECTURE.md'].flatMap(document =>
    namedPaths(readFileSync(document, 'utf8'))
      .map(path => (path.startsWith('../') ? path.slice(3) : path))
      .filter(path => !existsSync(path) && !existsSync(`docs/${path}`))
      .map(path => `${document}: ${path}`),
  )
  expect(missing).toEqual([])
})

test('the README names the two commands and every service', () => {
  const readme = readFileSync('README.md', 'utf8')
  expect(readme).toContain('npm ci && npm start')
  expect(readme).toContain('npm test')
  for (const service of readdirSync('run-services')) expect(readme).toContain(`run-services/${service}`)
})

test('the architecture fits in one sitting and every invariant names a test that exists', () => {
  const text = readFileSync('docs/ARCHITECTURE.md', 'utf8')
  expect(text.split('\n').length).toBeLessThanOrEqual(ARCHITECTURE_LINES_MAX)
  const invariants = [...text.matchAll(/^\d+\. .*held by `([^`]+)`/gmu)].map(([, path = '']) => path)
  expect(invariants.length).toBeGreaterThanOrEqual(7)
  expect(invariants.filter(path => !existsSync(path))).toEqual([])
})

test('every decision record has a status and a Confirmation line', () => {
  const records = readdirSync('docs/decisions').filter(file => /^\d{4}-.*\.md$/u.test(file))
  expect(records.length).toBeGreaterThan(0)
  for (const file of records) {
    const text = readFileSync(`docs/decisions/${file}`, 'utf8')
    expect(text, file).toMatch(/^Status: (?:accepted|superseded)/mu)
    const confirmation = /^Confirmation: .+/mu.exec(text)?.[0] ?? ''
    expect(confirmation, file).not.toBe('')
    for (const path of namedPaths(confirmation)) expect(existsSync(path), `${file}: ${path}`).toBe(true)
  }
})

test('every service and function has a README of at most fifteen lines', () => {
  for (const root of ['run-services', 'functions']) {
    for (const name of readdirSync(root)) {
      const lines = readFileSync(`${root}/${name}/README.md`, 'utf8').trimEnd().split('\n')
      expect(lines.length, name).toBeLessThanOrEqual(15)
    }
  }
})

test('no document or source names a path of one machine', () => {
  const wrong = projectFiles()
    .filter(
      path =>
        /\.(?:md|ts|tsx|json|css|html)$/u.test(path) && path !== 'package-lock.json' && !path.startsWith('test/tidy/'),
    )
    .filter(path => MACHINE_PATH.test(readFileSync(path, 'utf8')))
  expect(wrong).toEqual([])
})

import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { projectFiles, sourceFiles } from './source-files.ts'

const SHARED_NAMES = /^(?:main|settings|app|contract|worker|README|index|vite\.config|on-[a-z-]+)\.(?:tsx?|md)$/u
const CODE = /\.(?:ts|tsx)$/u

test('files and folders are kebab-case', () => {
  const odd = projectFiles().filter(path => CODE.test(path) && !/^[a-z0-9./-]+$/u.test(path))
  expect(odd).toEqual([])
})

test('base names are unique, so that a name finds one file', () => {
  const places = new Map<string, string[]>()
  for (const path of projectFiles().filter(file => CODE.test(file))) {
    const name = basename(path)
    if (!SHARED_NAMES.test(name)) places.set(name, [...(places.get(name) ?? []), path])
  }
  expect([...places.values()].filter(paths => paths.length > 1)).toEqual([])
})

test('no barrels: no file only re-exports', () => {
  const barrels = sourceFiles().filter(({ text }) => {
    const lines = text.split('\n').filter(line => line.trim() !== '' && !line.trim().startsWith('//'))
    return lines.length > 0 && lines.every(line => /^export\s.*\sfrom\s/u.test(line))
  })
  expect(barrels.map(({ path }) => path)).toEqual([])
})

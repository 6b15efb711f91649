import { statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { projectFiles } from './source-files.ts'

const BYTES_MAX = 400_000

test('no large file is kept in the repository', () => {
  const large = projectFiles().filter(path => path !== 'package-lock.json' && statSync(path).size > BYTES_MAX)
  expect(large).toEqual([])
})

import { expect, test } from 'vitest'
import { projectFiles, sourceFiles } from './source-files.ts'

const LINES_MAX = 400
const TEST_LINES_MAX = 500
/** Files above the soft bound of 250 lines; may shrink, never grow. */
const LARGE_FILES_MAX = 12
const SCRIPTS_MAX = 14

const isTest = (path: string) => path.startsWith('test/') || /\.test\.tsx?$/u.test(path)

test('no file is longer than one sitting', () => {
  const long = sourceFiles()
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ path, lines }) => lines > (isTest(path) ? TEST_LINES_MAX : LINES_MAX))
  expect(long).toEqual([])
})

test('files above the soft bound stay few', () => {
  const large = sourceFiles().filter(({ path, text }) => !isTest(path) && text.split('\n').length > 251)
  expect(large.length, large.map(({ path }) => path).join('\n')).toBeLessThanOrEqual(LARGE_FILES_MAX)
})

test('package.json offers at most fourteen scripts', async () => {
  const { default: manifest } = (await import('#package.json', { with: { type: 'json' } })) as {
    default: { scripts: Record<string, string> }
  }
  expect(Object.keys(manifest.scripts).length).toBeLessThanOrEqual(SCRIPTS_MAX)
})

test('there is one package.json for the product and one for the bench', () => {
  const manifests = projectFiles().filter(path => path.endsWith('package.json'))
  expect(manifests.filter(path => path !== 'test/bench/package.json')).toEqual(['package.json'])
})

/** `npm run map`: the tree, with the first sentence of every file. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

const SENTENCE_MAX = 110
const CODE = /\.(?:ts|tsx|md|sql|css)$/u

/** The first sentence of a file's first doc comment, heading or comment. */
export function firstSentence(text: string): string {
  const doc = /\/\*\*\s*\n?([\s\S]*?)\*\//u.exec(text)?.[1]?.replaceAll(/^\s*\*\s?/gmu, '')
  const heading = /^#\s+(.+)$/mu.exec(text)?.[1]
  const comment = /^(?:--|\/\/)\s*(.+)$/mu.exec(text)?.[1]
  const words = (doc ?? heading ?? comment ?? '').trim().replaceAll(/\s+/gu, ' ')
  const sentence = /^.*?[.:!?](?=\s|$)/u.exec(words)?.[0] ?? words
  return sentence.length > SENTENCE_MAX ? `${sentence.slice(0, SENTENCE_MAX - 1)}…` : sentence
}

function main(): void {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' })
  const paths = listed.split('\n').filter(path => CODE.test(path) && !path.includes('.test.') && existsSync(path))
  let shown: string[] = []
  for (const path of paths.sort((a, b) => a.localeCompare(b, 'en'))) {
    const folders = path.split('/').slice(0, -1)
    for (const [depth, folder] of folders.entries()) {
      if (shown[depth] !== folder) process.stdout.write(`${'  '.repeat(depth)}${folder}/\n`)
      if (shown[depth] !== folder) shown = shown.slice(0, depth)
      shown[depth] = folder
    }
    shown = folders
    const name = path.split('/').at(-1) ?? path
    const indent = '  '.repeat(folders.length)
    process.stdout.write(`${(indent + name).padEnd(44)} ${firstSentence(readFileSync(path, 'utf8'))}\n`)
  }
}

if (import.meta.main) main()

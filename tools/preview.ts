/** `npm run preview -- --stack dev|prod`: what a deployment would declare, without an account or a network. */
import { parseArgs } from 'node:util'
import { POLICIES } from '#infra/policies.ts'
import { costFloor } from './preview/cost-floor.ts'
import { costLines } from './preview/cost-lines.ts'
import { previewStack, stackConfig } from './preview/preview-stack.ts'
import { type Paint, treeLines } from './preview/print-tree.ts'
import {
  changeLines,
  previewChange,
  previewToSave,
  readSavedPreview,
  type SavedPreview,
  savePreview,
} from './preview/saved-preview.ts'

const ESCAPES = process.stdout.isTTY && process.env['NO_COLOR'] === undefined
const wrap = (open: number, close: number) => (text: string) =>
  ESCAPES ? `\u001B[${open}m${text}\u001B[${close}m` : text
const PAINT: Paint = { dim: wrap(2, 22), bold: wrap(1, 22), accent: wrap(36, 39) }

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { stack: { type: 'string', default: 'dev' }, set: { type: 'string', multiple: true, default: [] } },
  })
  const replaced = Object.fromEntries(
    values.set.map(pair => [pair.split('=')[0] ?? '', pair.split('=').slice(1).join('=')]),
  )
  const config = stackConfig(values.stack, replaced)
  const { made, unstable } = await previewStack(values.stack, config)
  const floor = costFloor(made)
  const lines = [...treeLines(made, PAINT), '', ...costLines(floor, PAINT), '']
  const asFiled = Object.keys(replaced).every(key => key === 'mediaPlane')
  const name = `${values.stack}-${config['showreel:mediaPlane'] ?? ''}`
  process.stdout.write(`${[...lines, ...sinceLast(name, previewToSave(made, floor.usd), asFiled), ''].join('\n')}\n`)
  for (const urn of unstable) process.stdout.write(`✘ only in one of preview and update: ${urn}\n`)
  const results = POLICIES.map(({ name, broken }) => ({ name, found: broken(made) }))
  for (const { name, found } of results) {
    process.stdout.write(`${found.length === 0 ? '✔' : '✘'} ${name}\n${found.map(line => `    ${line}\n`).join('')}`)
  }
  const kept = results.every(({ found }) => found.length === 0)
  process.exitCode = kept && unstable.length === 0 && floor.unpriced.length === 0 ? 0 : 1
}

/** What is different from the last preview of this stack on this plane; keeps this one, unless it only tried something. */
function sinceLast(name: string, now: SavedPreview, kept: boolean): string[] {
  const saved = readSavedPreview(name)
  if (kept) savePreview(name, now)
  const title = PAINT.bold('Since the last preview')
  return saved === undefined ? [title, '  the first one here'] : [title, ...changeLines(previewChange(saved, now))]
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ResourceGraph } from '#infra/resource-graph.ts'

/** What the next preview of the same stack is compared with. */
export type SavedPreview = {
  /** Inputs by URN. */
  resources: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** US dollars a month while idle. */
  usd: number
}

/** What a deployment would do differently than the preview before. */
export type PreviewChange = {
  added: readonly string[]
  removed: readonly string[]
  /** With the inputs that differ. */
  changed: readonly { urn: string; inputs: readonly string[] }[]
  /** US dollars a month. */
  usd: number
}

const FOLDER = join('.showreel', 'previews')

/** What of a preview is kept. */
export function previewToSave(graph: ResourceGraph, usd: number): SavedPreview {
  const ours = graph.resources.filter(({ custom }) => custom)
  return { resources: Object.fromEntries(ours.map(({ urn, inputs }) => [urn, inputs])), usd }
}

/** The last saved preview of a stack on a media plane; undefined when there is none that can be read. */
export function readSavedPreview(name: string, folder = FOLDER): SavedPreview | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as SavedPreview
  } catch {
    return undefined
  }
}

/** Keeps a preview for the next one; whole or not at all. */
export function savePreview(name: string, preview: SavedPreview, folder = FOLDER): void {
  const file = join(folder, `${name}.json`)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, JSON.stringify(preview))
  renameSync(`${file}.new`, file)
}

/** What changed from one preview to the next. */
export function previewChange(before: SavedPreview, now: SavedPreview): PreviewChange {
  const urns = Object.keys(now.resources)
  const changed = urns.flatMap(urn => {
    const was = before.resources[urn]
    const inputs = was === undefined ? [] : differing(was, now.resources[urn] ?? {})
    return inputs.length === 0 ? [] : [{ urn, inputs }]
  })
  return {
    added: urns.filter(urn => before.resources[urn] === undefined),
    removed: Object.keys(before.resources).filter(urn => now.resources[urn] === undefined),
    changed,
    usd: now.usd - before.usd,
  }
}

function differing(was: Readonly<Record<string, unknown>>, is: Readonly<Record<string, unknown>>): string[] {
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort()
  return keys.filter(key => JSON.stringify(was[key]) !== JSON.stringify(is[key]))
}

/** A change as a person reads it, a resource a line; one line when nothing changed. */
export function changeLines({ added, removed, changed, usd }: PreviewChange): string[] {
  if (added.length + removed.length + changed.length === 0) return ['  nothing changed since the last preview']
  const short = (urn: string) => urn.split('::').slice(2).join(' ').replace(/^.*\$/u, '')
  const cost = usd === 0 ? '' : `, ${usd > 0 ? '+' : '−'}$${Math.abs(usd).toFixed(2)} a month`
  return [
    ...added.map(urn => `  + ${short(urn)}`),
    ...removed.map(urn => `  − ${short(urn)}`),
    ...changed.map(({ urn, inputs }) => `  ~ ${short(urn)}: ${inputs.join(', ')}`),
    `  ${added.length} to add, ${removed.length} to remove, ${changed.length} to change${cost}`,
  ]
}

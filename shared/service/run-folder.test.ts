import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { runFolder } from './run-folder.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'run-folder-'))
  vi.stubEnv('TMPDIR', root)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    rmSync(root, { recursive: true, force: true })
  })
})

/** The id of a process that is over. */
function deadPid(): number {
  return Number(execFileSync(process.execPath, ['-p', 'process.pid']))
}

test('each run has a folder of its own, which is gone after it with all it holds', async () => {
  const first = await runFolder('clip')
  const second = await runFolder('clip')
  expect(first.in).not.toBe(second.in)
  writeFileSync(join(first.out, 'wide.mp4'), 'x')
  await first[Symbol.asyncDispose]()
  expect(existsSync(first.out)).toBe(false)
  expect(existsSync(second.out)).toBe(true)
  await second[Symbol.asyncDispose]()
  expect(readdirSync(root)).toEqual([])
})

test('what a killed worker left behind goes with the next run; what others work on and other files stay', async () => {
  const abandoned = join(root, `showreel-clip-${deadPid()}-abc`)
  const stays = [
    `showreel-clip-${process.ppid}-abc`,
    'showreel-clip-notes',
    `showreel-encode-${deadPid()}-abc`,
    'other',
  ]
  for (const path of [abandoned, ...stays.map(name => join(root, name))])
    mkdirSync(join(path, 'out'), { recursive: true })
  const folder = await runFolder('clip')
  await folder[Symbol.asyncDispose]()
  expect(readdirSync(root).sort()).toEqual(stays.toSorted())
})

import { watch } from 'node:fs'
import type { SupervisedChild } from './supervised-child.ts'
import type { TickList } from './tick-list.ts'

const SOURCES = ['shared', 'run-services', 'functions', 'local']
/** Editors write a file several times in a row; restart once after this much quiet, in ms. */
const QUIET_MS = 300

/** Restarts every child when a source file changes (`npm run dev`). */
export function watchSources(list: TickList, children: () => readonly SupervisedChild[]): void {
  let timer: NodeJS.Timeout | undefined
  const restart = (file: string) => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      list.line(`${file} changed; restarting`)
      for (const child of children()) child.restart()
    }, QUIET_MS)
  }
  for (const folder of SOURCES) {
    watch(folder, { recursive: true }, (_, file) => {
      if (file !== null && /\.tsx?$/u.test(file) && !file.endsWith('.test.ts')) restart(`${folder}/${file}`)
    })
  }
}

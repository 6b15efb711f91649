import { mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { directoryObjectStore } from '#shared/ports/object-store/directory-object-store.ts'
import { signedObjectHandler } from '#shared/ports/object-store/signed-object-handler.ts'
import { eventually } from '../helpers/eventually.ts'
import { lineChild } from '../helpers/line-child.ts'
import { objectStoreContract } from './object-store.contract.ts'
import { signedObjectContract } from './signed-object.contract.ts'

const root = mkdtempSync(join(tmpdir(), 'showreel-objects-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let nowMs = Date.now()
const signing = { key: new Uint8Array(32).fill(9), baseUrl: 'http://127.0.0.1:1/objects', now: () => nowMs }
const CHILD = join(import.meta.dirname, '../helpers/object-store-child.ts')

describe('directoryObjectStore', () => {
  const directory = join(root, 'shared')
  const open = () => directoryObjectStore({ directory, signing })
  objectStoreContract(open, open)

  signedObjectContract(() => {
    const store = open()
    const handle = signedObjectHandler(store, signing)
    return {
      store,
      fetch: async (url, init) => await handle(new Request(url, init)),
      advance: ms => {
        nowMs += ms
      },
    }
  })

  test('compare and set holds between processes', async () => {
    const at = join(root, 'processes')
    const store = directoryObjectStore({ directory: at, signing })
    await store.put('counter', Buffer.from('0'), { contentType: 'text/plain' })
    const children = [lineChild(CHILD, at, 'count', '40'), lineChild(CHILD, at, 'count', '40')]
    expect(await Promise.all(children.map(async ({ gone }) => await gone))).toEqual([0, 0])
    const object = await store.get('counter')
    let text = ''
    for await (const part of object?.body ?? []) text += Buffer.from(part).toString('utf8')
    expect(text).toBe('80')
  })

  test('kill -9 of a writer: each acknowledged object is there, each object is whole, the next open sweeps the drafts', async () => {
    const at = join(root, 'killed')
    directoryObjectStore({ directory: at, signing })
    const acknowledged = new Set<string>()
    for (let round = 0; round < 4; round += 1) {
      const writer = lineChild(CHILD, at, 'fill')
      await eventually(() => writer.lines.length >= 3 + round * 4)
      writer.process.kill('SIGKILL')
      await writer.gone
      for (const key of writer.lines) acknowledged.add(key)
    }
    const store = directoryObjectStore({ directory: at, signing })
    expect(readdirSync(join(at, 'drafts'))).toEqual([])
    const found = new Set<string>()
    for await (const { key } of store.list('')) {
      found.add(key)
      const object = await store.get(key)
      const values = new Set<number>()
      let length = 0
      for await (const part of object?.body ?? []) {
        length += part.byteLength
        for (const value of part) values.add(value)
      }
      expect([key, length, values.size]).toEqual([key, 200_000, 1])
    }
    for (const key of acknowledged) expect(found).toContain(key)
  })

  test('the draft of a living writer is not swept, one that is older than any upload is', () => {
    const at = join(root, 'drafts')
    directoryObjectStore({ directory: at, signing })
    const drafts = join(at, 'drafts')
    writeFileSync(join(drafts, `${process.ppid}-living`), 'x')
    writeFileSync(join(drafts, `${process.ppid}-ancient`), 'x')
    writeFileSync(join(drafts, `${process.pid}-not-ours`), 'x')
    const longAgoS = Date.now() / 1000 - 7 * 3600
    utimesSync(join(drafts, `${process.ppid}-ancient`), longAgoS, longAgoS)
    directoryObjectStore({ directory: at, signing })
    expect(readdirSync(drafts)).toEqual([`${process.ppid}-living`])
  })

  test('the same bytes put again have a new etag', async () => {
    const put = async () => await open().put('again/x', Buffer.from('1'), { contentType: 'text/plain' })
    expect((await put()).etag).not.toBe((await put()).etag)
  })

  test('one directory reached by two names is one store', async () => {
    const link = join(root, 'link')
    symlinkSync(directory, link)
    const put = await open().put('linked/x', Buffer.from('1'), { contentType: 'text/plain', ifMatch: 'absent' })
    const other = directoryObjectStore({ directory: link, signing })
    expect(await other.head('linked/x')).toEqual(put)
  })
})

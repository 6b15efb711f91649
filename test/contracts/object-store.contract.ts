import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { type ObjectStore, ObjectStoreError } from '#shared/ports/object-store/object-store.ts'

/** How far the writer's clock and the store's may be apart here, in ms; a store may tell whole seconds. */
const CLOCKS_MS_MAX = 3_000
const TEXT = { contentType: 'text/plain' }
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const sha256 = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex')

async function* pieces(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}

async function bodyOf(
  store: ObjectStore,
  key: string,
  range?: { first: number; last?: number },
): Promise<string | undefined> {
  const object = await store.get(key, range === undefined ? {} : { range })
  if (object === undefined) return undefined
  const parts: Uint8Array[] = []
  for await (const part of object.body) parts.push(part)
  const whole = Buffer.concat(parts)
  expect(whole.byteLength).toBe(object.length)
  return whole.toString('utf8')
}

async function keys(store: ObjectStore, prefix: string, after?: string): Promise<string[]> {
  const found: string[] = []
  for await (const { key } of store.list(prefix, after === undefined ? {} : { after })) found.push(key)
  return found
}

const kindOf = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => 'no error',
    (error: unknown) => (error instanceof ObjectStoreError ? error.kind : error),
  )

/** What every ObjectStore promises; `other` is the same store as another client sees it. */
export function objectStoreContract(storeOf: () => ObjectStore, other: () => ObjectStore): void {
  let made = 0
  const folder = (): string => `contract/${(made += 1)}`

  test('an object comes back as it was put, with its facts', async () => {
    const store = storeOf()
    const key = `${folder()}/seg-1.m4s`
    const put = await store.put(key, bytes('hello'), { contentType: 'video/mp4', cacheControl: 'public, max-age=60' })
    expect(put).toMatchObject({
      key,
      bytes: 5,
      contentType: 'video/mp4',
      cacheControl: 'public, max-age=60',
      sha256: sha256(bytes('hello')),
    })
    expect(put.etag).toMatch(/^".+"$/)
    expect(Date.parse(put.modifiedAt)).not.toBeNaN()
    const { modifiedAt, ...facts } = put
    const found = await other().head(key)
    expect(found).toMatchObject(facts)
    expect(Math.abs(Date.parse(found?.modifiedAt ?? '') - Date.parse(modifiedAt))).toBeLessThan(CLOCKS_MS_MAX)
    expect(await bodyOf(other(), key)).toBe('hello')
  })

  test('a stream of pieces is one object, also an empty one', async () => {
    const store = storeOf()
    const at = folder()
    const large = new Uint8Array(3_000_000).fill(7)
    const info = await store.put(`${at}/large`, pieces(large.subarray(0, 10), large.subarray(10)), TEXT)
    expect(info).toMatchObject({ bytes: large.byteLength, sha256: sha256(large) })
    expect((await bodyOf(store, `${at}/large`))?.length).toBe(large.byteLength)
    expect(await store.put(`${at}/empty`, pieces(), TEXT)).toMatchObject({ bytes: 0, cacheControl: undefined })
    expect(await bodyOf(store, `${at}/empty`)).toBe('')
  })

  test('a signpost comes back with its way until something else is put there', async () => {
    const store = storeOf()
    const key = `${folder()}/clip.mp4`
    const sign = { contentType: 'video/mp4', redirect: 'v2/wide.mp4' }
    expect(await store.put(key, bytes(''), sign)).toMatchObject({ bytes: 0, redirect: 'v2/wide.mp4' })
    expect(await other().head(key)).toMatchObject({ bytes: 0, redirect: 'v2/wide.mp4' })
    await store.put(key, bytes('film'), TEXT)
    expect((await other().head(key))?.redirect).toBeUndefined()
  })

  test('what is absent is undefined', async () => {
    const store = storeOf()
    expect(await store.get('no/such/thing')).toBeUndefined()
    expect(await store.head('no/such/thing')).toBeUndefined()
    expect(await keys(store, 'no/such/')).toEqual([])
  })

  test('a put replaces, and other bytes have another etag', async () => {
    const store = storeOf()
    const key = `${folder()}/x`
    const first = await store.put(key, bytes('one'), TEXT)
    await store.put(key, bytes('one'), TEXT)
    const second = await store.put(key, bytes('two'), { contentType: 'text/html' })
    expect(second.etag).not.toBe(first.etag)
    expect(await store.head(key)).toMatchObject({ bytes: 3, contentType: 'text/html', etag: second.etag })
    expect(await bodyOf(store, key)).toBe('two')
  })

  test('ranges are inclusive and end with the object', async () => {
    const store = storeOf()
    const key = `${folder()}/x`
    await store.put(key, bytes('0123456789'), TEXT)
    expect(await bodyOf(store, key, { first: 2, last: 4 })).toBe('234')
    expect(await bodyOf(store, key, { first: 7 })).toBe('789')
    expect(await bodyOf(store, key, { first: 8, last: 99 })).toBe('89')
    expect(await bodyOf(store, key, { first: 10 })).toBe('')
    expect(await store.get(key, { range: { first: 2, last: 4 } })).toMatchObject({ bytes: 10, length: 3 })
  })

  test('a body with another digest than announced is refused and leaves the old object', async () => {
    const store = storeOf()
    const key = `${folder()}/x`
    await store.put(key, bytes('old'), { ...TEXT, sha256: sha256(bytes('old')) })
    expect(await kindOf(store.put(key, bytes('new'), { ...TEXT, sha256: sha256(bytes('old')) }))).toBe('digest')
    expect(await bodyOf(store, key)).toBe('old')
  })

  test('a body that fails midway leaves nothing, or the old object', async () => {
    const store = storeOf()
    const at = folder()
    await store.put(`${at}/old`, bytes('old'), TEXT)
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield bytes('half of it')
      throw new Error('the sender went away')
    }
    await expect(store.put(`${at}/old`, broken(), TEXT)).rejects.toThrow('the sender went away')
    await expect(store.put(`${at}/new`, broken(), TEXT)).rejects.toThrow('the sender went away')
    expect(await bodyOf(store, `${at}/old`)).toBe('old')
    expect(await keys(store, at)).toEqual([`${at}/old`])
  })

  test('compare and set replaces the object that was read, and nothing else', async () => {
    const store = storeOf()
    const key = `${folder()}/lease`
    const first = await store.put(key, bytes('1'), { ...TEXT, ifMatch: 'absent' })
    expect(await kindOf(store.put(key, bytes('x'), { ...TEXT, ifMatch: 'absent' }))).toBe('precondition')
    const second = await store.put(key, bytes('2'), { ...TEXT, ifMatch: first.etag })
    expect(await kindOf(store.put(key, bytes('x'), { ...TEXT, ifMatch: first.etag }))).toBe('precondition')
    await store.delete([key])
    expect(await kindOf(store.put(key, bytes('x'), { ...TEXT, ifMatch: second.etag }))).toBe('precondition')
    expect(await store.head(key)).toBeUndefined()
  })

  test('of many that compare and set at once, one wins each round', async () => {
    const key = `${folder()}/counter`
    await storeOf().put(key, bytes('0'), TEXT)
    const clients = [storeOf(), other(), storeOf(), other()]
    const add = async (store: ObjectStore): Promise<void> => {
      for (;;) {
        const object = await store.head(key)
        const value = Number(await bodyOf(store, key).catch(() => 'replaced meanwhile'))
        const options = { ...TEXT, ifMatch: object?.etag ?? 'absent' }
        if ((await kindOf(store.put(key, bytes(String(value + 1)), options))) === 'no error') return
      }
    }
    await Promise.all(clients.flatMap(store => Array.from({ length: 4 }, async () => await add(store))))
    expect(await bodyOf(storeOf(), key)).toBe('16')
  })

  test('lists are in key order, whole below a prefix, and go on after a key', async () => {
    const store = storeOf()
    const at = folder()
    const names = ['a', 'a-b', 'a.b', 'a/b', 'a/b/c', 'a0', 'b', 'b/a', 'B', 'ab/c', 'a/B'].map(name => `${at}/${name}`)
    for (const key of names) await store.put(key, bytes(key), TEXT)
    const ordered = names.toSorted()
    expect(await keys(store, `${at}/`)).toEqual(ordered)
    for (const prefix of [`${at}/a`, `${at}/a/`, `${at}/a/b`, `${at}/b`]) {
      expect(await keys(store, prefix)).toEqual(ordered.filter(key => key.startsWith(prefix)))
    }
    for (const after of [...ordered, `${at}/a/`, `${at}/a/zz`, `${at}/`]) {
      expect(await keys(store, `${at}/`, after)).toEqual(ordered.filter(key => key > after))
    }
  })

  test('delete removes several, also absent ones, and nothing else', async () => {
    const store = storeOf()
    const at = folder()
    for (const name of ['x', 'x/y', 'z']) await store.put(`${at}/${name}`, bytes(name), TEXT)
    await store.delete([`${at}/x/y`, `${at}/nothing`, `${at}/z`])
    expect(await keys(store, at)).toEqual([`${at}/x`])
    await store.put(`${at}/x/y`, bytes('again'), TEXT)
    expect(await keys(store, at)).toEqual([`${at}/x`, `${at}/x/y`])
  })

  test('a key that is not one of ours is refused by every verb', async () => {
    const store = storeOf()
    const wrong = [
      '',
      '/',
      '/a',
      'a/',
      'a//b',
      '.',
      '..',
      'a/../b',
      './a',
      'a\\b',
      'a b',
      'ä',
      'a\0b',
      'a~',
      'x'.repeat(1025),
    ]
    for (const key of wrong) {
      expect(await kindOf(store.put(key, bytes('x'), TEXT)), JSON.stringify(key)).toBe('invalid-key')
      expect(await kindOf(store.get(key)), JSON.stringify(key)).toBe('invalid-key')
      expect(await kindOf(store.head(key)), JSON.stringify(key)).toBe('invalid-key')
      expect(await kindOf(store.delete([key])), JSON.stringify(key)).toBe('invalid-key')
      expect(await kindOf(store.sign({ method: 'GET', key, expiresInS: 5 })), JSON.stringify(key)).toBe('invalid-key')
    }
  })

  test('an aborted put leaves nothing', async () => {
    const store = storeOf()
    const key = `${folder()}/x`
    const stop = new AbortController()
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield bytes('a')
      stop.abort(new Error('enough'))
      yield bytes('b')
    }
    await expect(store.put(key, slow(), { ...TEXT, signal: stop.signal })).rejects.toThrow('enough')
    expect(await store.head(key)).toBeUndefined()
  })
}

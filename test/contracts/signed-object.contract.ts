import { expect, test } from 'vitest'
import type { ObjectStore, SignOptions } from '#shared/ports/object-store/object-store.ts'

/** The store, what answers its URLs, and its clock. */
export type SignedStore = {
  store: ObjectStore
  fetch: (url: string, init?: RequestInit) => Promise<Response>
  advance: (ms: number) => void
}

/** What every store promises of the URLs it signs: one method, one key, its bounds, until it expires. */
export function signedObjectContract(open: () => SignedStore): void {
  let made = 0
  const key = (): string => `signed/${(made += 1)}/object.bin`
  const sign = async ({ store }: SignedStore, options: Partial<SignOptions> & { key: string }): Promise<string> =>
    await store.sign({ method: 'GET', expiresInS: 60, ...options })

  test('a GET URL reads its object, whole and in ranges', async () => {
    const at = open()
    const name = key()
    const put = await at.store.put(name, new TextEncoder().encode('0123456789'), {
      contentType: 'video/mp4',
      cacheControl: 'private, max-age=5',
    })
    const url = await sign(at, { key: name })
    const whole = await at.fetch(url)
    expect(whole.status).toBe(200)
    expect(await whole.text()).toBe('0123456789')
    expect(whole.headers.get('etag')).toBe(put.etag)
    expect(whole.headers.get('content-type')).toBe('video/mp4')
    expect(whole.headers.get('cache-control')).toBe('private, max-age=5')
    for (const [range, status, text, contentRange] of [
      ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
      ['bytes=7-', 206, '789', 'bytes 7-9/10'],
      ['bytes=-3', 206, '789', 'bytes 7-9/10'],
      ['bytes=0-99', 206, '0123456789', 'bytes 0-9/10'],
      ['bytes=10-', 416, '', 'bytes */10'],
    ] as const) {
      const part = await at.fetch(url, { headers: { range } })
      expect([part.status, part.headers.get('content-range')], range).toEqual([status, contentRange])
      if (status === 206) expect(await part.text(), range).toBe(text)
    }
  })

  test('a PUT URL writes its object within its bounds', async () => {
    const at = open()
    const name = key()
    const url = await sign(at, { method: 'PUT', key: name, bytesMax: 10, contentType: 'video/mp4' })
    const mp4 = { 'content-type': 'video/mp4' }
    const put = await at.fetch(url, { method: 'PUT', body: '0123456789', headers: mp4 })
    expect(put.status).toBe(200)
    expect(await at.store.head(name)).toMatchObject({
      bytes: 10,
      contentType: 'video/mp4',
      etag: put.headers.get('etag'),
    })

    const large = await at.fetch(url, { method: 'PUT', body: '0123456789x', headers: mp4 })
    expect([large.status, large.headers.get('content-type')]).toEqual([413, 'application/problem+json'])
    expect(await large.json()).toMatchObject({ status: 413, code: 'object.too-large' })
    const streamed = ReadableStream.from([new Uint8Array(6), new Uint8Array(6)])
    const lying = await at.fetch(url, { method: 'PUT', body: streamed, headers: mp4, duplex: 'half' })
    expect(lying.status).toBe(413)
    const html = await at.fetch(url, { method: 'PUT', body: '<p>', headers: { 'content-type': 'text/html' } })
    expect(html.status).toBe(415)
    expect(await at.store.head(name)).toMatchObject({ bytes: 10, contentType: 'video/mp4' })
  })

  test('a URL grants no other method, key, bound, type or time', async () => {
    const at = open()
    const name = key()
    await at.store.put(name, new Uint8Array(4), { contentType: 'video/mp4' })
    const get = await sign(at, { key: name })
    const put = await sign(at, { method: 'PUT', key: name, bytesMax: 4, contentType: 'video/mp4' })
    const altered = (url: string, change: (url: URL) => void): string => {
      const copy = new URL(url)
      change(copy)
      return copy.toString()
    }
    const forged: [string, string][] = [
      ['PUT', get],
      ['DELETE', get],
      ['GET', put],
      ['GET', altered(get, url => (url.pathname += 'x'))],
      ['GET', altered(get, url => (url.pathname = url.pathname.replace('/signed/', '/signed//')))],
      ['GET', altered(get, url => url.searchParams.set('expires', '99999999999999'))],
      ['GET', altered(get, url => url.searchParams.delete('signature'))],
      ['GET', altered(get, url => url.searchParams.set('signature', 'A'.repeat(43)))],
      ['PUT', altered(get, url => url.searchParams.set('method', 'PUT'))],
      ['PUT', altered(put, url => url.searchParams.set('bytes_max', '999'))],
      ['PUT', altered(put, url => url.searchParams.delete('bytes_max'))],
      ['PUT', altered(put, url => url.searchParams.set('type', 'text/html'))],
      ['PUT', altered(put, url => url.searchParams.delete('type'))],
    ]
    for (const [method, url] of forged) {
      const answer = await at.fetch(url, { method, ...(method === 'PUT' ? { body: 'xxxx' } : {}) })
      expect(answer.status, `${method} ${url}`).toBe(403)
      expect(await answer.json()).toMatchObject({ code: 'object.signature' })
    }
    at.advance(61_000)
    expect((await at.fetch(get)).status).toBe(403)
    expect(
      (await at.fetch(put, { method: 'PUT', body: 'xxxx', headers: { 'content-type': 'video/mp4' } })).status,
    ).toBe(403)
  })

  test('a GET URL of an object that is not there answers 404', async () => {
    const at = open()
    const answer = await at.fetch(await sign(at, { key: key() }))
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({ code: 'resource.missing' })
  })
}

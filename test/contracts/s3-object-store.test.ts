import { createHash } from 'node:crypto'
import { CreateBucketCommand, GetObjectCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { awsWebIdentity } from '#shared/ports/object-store/aws-web-identity.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import { s3ObjectStore, type S3ObjectStoreOptions } from '#shared/ports/object-store/s3-object-store.ts'
import { type EmulatorProcess, missingEmulator, startEmulator } from '../helpers/emulators/emulator-process.ts'
import { motoEmulator } from '../helpers/emulators/moto-emulator.ts'
import { unrulyProxy } from '../helpers/emulators/unruly-proxy.ts'
import { objectStoreContract } from './object-store.contract.ts'

const CREDENTIALS = { accessKeyId: 'emulator', secretAccessKey: 'emulator' }
const TEXT = { contentType: 'text/plain' }
/** A body of three parts. */
const LARGE_BYTES = 17 * 1024 * 1024
const missing = missingEmulator(motoEmulator)

async function textOf(store: ObjectStore, key: string): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of (await store.get(key))?.body ?? []) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

// s3-object-store.ts on moto_server, which checks no signature: what URLs refuse is asked of a real bucket
describe.skipIf(missing !== undefined)(`s3ObjectStore${missing === undefined ? '' : `: ${missing}`}`, () => {
  let moto: EmulatorProcess
  let control: S3Client
  const stores: (ObjectStore & Disposable)[] = []
  const open = (options: Partial<S3ObjectStoreOptions> = {}) => {
    const made = s3ObjectStore({
      bucket: 'media-a',
      region: 'us-east-1',
      credentials: CREDENTIALS,
      endpoint: `http://${moto.address}`,
      now: Date.now,
      ...options,
    })
    stores.push(made)
    return made
  }
  const uploadsUnderWay = async () =>
    (await control.send(new ListMultipartUploadsCommand({ Bucket: 'media-a' }))).Uploads ?? []

  beforeAll(async () => {
    moto = await startEmulator(motoEmulator)
    const clientIn = (region: string) =>
      new S3Client({ region, endpoint: `http://${moto.address}`, forcePathStyle: true, credentials: CREDENTIALS })
    control = clientIn('us-east-1')
    await control.send(new CreateBucketCommand({ Bucket: 'media-a' }))
    const far = clientIn('ap-southeast-1')
    const place = { CreateBucketConfiguration: { LocationConstraint: 'ap-southeast-1' as const } }
    await far.send(new CreateBucketCommand({ Bucket: 'media-b', ...place }))
    far.destroy()
  })
  afterAll(async () => {
    for (const store of stores) store[Symbol.dispose]()
    control.destroy()
    await moto[Symbol.asyncDispose]()
  })

  describe('in the home region', () => {
    objectStoreContract(open, open)
  })
  describe('in the far region', () => {
    const far = () => open({ bucket: 'media-b', region: 'ap-southeast-1' })
    objectStoreContract(far, far)
  })

  describe('a body of several parts', () => {
    const large = Buffer.alloc(LARGE_BYTES, 'showreel')
    async function* pieces(until = LARGE_BYTES): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < until; at += 1_000_003) yield large.subarray(at, Math.min(at + 1_000_003, until))
      if (until < LARGE_BYTES) throw new Error('the sender went away')
    }
    const sha256 = createHash('sha256').update(large).digest('hex')

    test('is one object, and its announced digest comes back', async () => {
      const store = open()
      const put = await store.put('parts/whole', pieces(), { contentType: 'video/mp4', sha256, ifMatch: 'absent' })
      expect(put).toMatchObject({ bytes: LARGE_BYTES, sha256 })
      expect(await store.head('parts/whole')).toMatchObject({ bytes: LARGE_BYTES, sha256, etag: put.etag })
      const hash = createHash('sha256')
      for await (const part of (await store.get('parts/whole'))?.body ?? []) hash.update(part)
      expect(hash.digest('hex')).toBe(sha256)
    })

    test('that breaks off, is not what was announced, or loses its condition leaves no object and no parts', async () => {
      const store = open()
      const put = async (key: string, until: number, options: object) =>
        await store.put(key, pieces(until), { contentType: 'video/mp4', ...options })
      await expect(put('parts/broken', LARGE_BYTES - 1, {})).rejects.toThrow('the sender went away')
      const other = { sha256: 'f'.repeat(64) }
      await expect(put('parts/other', LARGE_BYTES, other)).rejects.toMatchObject({ kind: 'digest' })
      await store.put('parts/taken', Buffer.from('old'), TEXT)
      const late = put('parts/taken', LARGE_BYTES, { ifMatch: 'absent' })
      await expect(late).rejects.toMatchObject({ kind: 'precondition' })
      expect(await store.head('parts/broken')).toBeUndefined()
      expect(await store.head('parts/other')).toBeUndefined()
      expect(await textOf(store, 'parts/taken')).toBe('old')
      expect(await uploadsUnderWay()).toEqual([])
    })
  })

  test('signed URLs read an object whole and in ranges, and write one with its type', async () => {
    const store = open()
    await store.put('signed/read', Buffer.from('0123456789'), { contentType: 'video/mp4', cacheControl: 'max-age=5' })
    const get = await store.sign({ method: 'GET', key: 'signed/read', expiresInS: 60 })
    const whole = await fetch(get)
    expect([whole.status, whole.headers.get('content-type'), await whole.text()]).toEqual([
      200,
      'video/mp4',
      '0123456789',
    ])
    const part = await fetch(get, { headers: { range: 'bytes=2-4' } })
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 2-4/10', '234'])
    const put = await store.sign({ method: 'PUT', key: 'signed/write', expiresInS: 60, contentType: 'video/mp4' })
    const wrote = await fetch(put, { method: 'PUT', body: 'abc', headers: { 'content-type': 'video/mp4' } })
    expect(wrote.status).toBe(200)
    expect(await store.head('signed/write')).toMatchObject({
      bytes: 3,
      contentType: 'video/mp4',
      etag: wrote.headers.get('etag'),
    })
  })

  test('a URL names its method’s headers, its type and its end, and never lives longer than a week', async () => {
    const put = new URL(
      await open().sign({ method: 'PUT', key: 'signed/x', expiresInS: 1e9, contentType: 'video/mp4', bytesMax: 10 }),
    )
    expect(put.searchParams.get('X-Amz-SignedHeaders')).toBe('content-type;host')
    expect(put.searchParams.get('X-Amz-Expires')).toBe('604800')
    expect([...put.searchParams.keys()].filter(name => name.includes('checksum'))).toEqual([])
  })

  test('a signpost leads S3’s own readers to the same place', async () => {
    await open().put('play/clip_1/clip.mp4', Buffer.alloc(0), { contentType: 'video/mp4', redirect: 'v2/wide.mp4' })
    const found = await control.send(new GetObjectCommand({ Bucket: 'media-a', Key: 'play/clip_1/clip.mp4' }))
    expect(found.WebsiteRedirectLocation).toBe('/play/clip_1/v2/wide.mp4')
  })

  test('an access point is a bucket by its alias and by its ARN', async () => {
    const urlOf = async (bucket: string) => {
      using store = s3ObjectStore({ bucket, region: 'us-east-1', credentials: CREDENTIALS, now: Date.now })
      return new URL(await store.sign({ method: 'GET', key: 'play/x', expiresInS: 60 })).host
    }
    expect(await urlOf('media-abc123-s3alias')).toBe('media-abc123-s3alias.s3.us-east-1.amazonaws.com')
    expect(await urlOf('arn:aws:s3:ap-southeast-1:123456789012:accesspoint/media')).toBe(
      'media-123456789012.s3-accesspoint.ap-southeast-1.amazonaws.com',
    )
  })

  test('a bucket that is not there is unavailable, never an absent object', async () => {
    const store = open({ bucket: 'nobody-made-this' })
    await expect(store.get('x')).rejects.toMatchObject({ kind: 'unavailable' })
    await expect(store.put('x', Buffer.from('x'), TEXT)).rejects.toMatchObject({ kind: 'unavailable' })
  })

  test('a throttled call is made again, and one that stays throttled ends in a clear state', async () => {
    await using proxy = await unrulyProxy(`http://${moto.address}`)
    const store = open({ endpoint: proxy.url })
    proxy.throttle(2)
    await store.put('throttled/x', Buffer.from('1'), TEXT)
    expect(await textOf(store, 'throttled/x')).toBe('1')
    proxy.throttle(1_000)
    const askedAt = performance.now()
    await expect(store.head('throttled/x')).rejects.toMatchObject({ kind: 'unavailable' })
    expect(performance.now() - askedAt).toBeLessThan(10_000)
  })

  test('a conditional write whose answer was lost is told as written, not as lost against itself', async () => {
    await using proxy = await unrulyProxy(`http://${moto.address}`)
    const store = open({ endpoint: proxy.url })
    proxy.loseAnswers(1)
    const first = await store.put('lost/x', Buffer.from('1'), { ...TEXT, ifMatch: 'absent' })
    expect(proxy.lost()).toBe(1)
    proxy.loseAnswers(1)
    const second = await store.put('lost/x', Buffer.from('2'), { ...TEXT, ifMatch: first.etag })
    expect(await store.head('lost/x')).toMatchObject({ etag: second.etag })
    await expect(store.put('lost/x', Buffer.from('3'), { ...TEXT, ifMatch: first.etag })).rejects.toMatchObject({
      kind: 'precondition',
    })
  })

  test('credentials are bought with another cloud’s token, a fresh one each time', async () => {
    const tokens: string[] = []
    const buy = awsWebIdentity({
      roleArn: 'arn:aws:iam::123456789012:role/media',
      sessionName: 'channels',
      region: 'us-east-1',
      endpoint: `http://${moto.address}`,
      token: async () => {
        tokens.push(`token-${tokens.length}`)
        return tokens.at(-1) ?? ''
      },
    })
    const bought = await buy()
    expect(bought).toMatchObject({ accessKeyId: expect.stringMatching(/^ASIA/), sessionToken: expect.any(String) })
    expect(bought.expiration?.getTime()).toBeGreaterThan(Date.now())
    await buy()
    expect(tokens).toEqual(['token-0', 'token-1'])
    const store = open({ credentials: buy })
    await store.put('keyless/x', Buffer.from('1'), TEXT)
    expect(await textOf(store, 'keyless/x')).toBe('1')
    expect(tokens).toHaveLength(3)
  })
})

import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { afterAll, describe, expect, test } from 'vitest'
import { s3ObjectStore } from '#shared/ports/object-store/s3-object-store.ts'
import { objectStoreContract } from '../contracts/object-store.contract.ts'
import { eventually } from '../helpers/eventually.ts'
import { LIVE, without } from './live-settings.ts'

const { bucket, region } = LIVE
const missing = bucket === ''

describe.skipIf(missing)(`S3 itself${missing ? without('VERIFY_BUCKET') : ''}`, { timeout: 180_000 }, () => {
  const stack = new DisposableStack()
  const endpoint = process.env['AWS_ENDPOINT_URL']
  const store = s3ObjectStore({
    bucket: bucket || 'none',
    region,
    credentials: fromNodeProviderChain(),
    now: Date.now,
    ...(endpoint === undefined ? {} : { endpoint }),
  })
  stack.use(store)
  afterAll(() => stack.dispose())
  describe('the object store contract', () => {
    objectStoreContract(
      () => store,
      () => store,
    )
  })

  describe('signed URLs, which no emulator checks', () => {
    const key = 'signed/object.bin'
    const mp4 = { 'content-type': 'video/mp4' }
    const sign = async (options: object = {}) =>
      await store.sign({ method: 'GET', key, expiresInS: 60, ...options } as never)

    test('read their object, and grant no other method or key', async () => {
      await store.put(key, Buffer.from('0123456789'), { contentType: 'video/mp4' })
      const url = await sign()
      expect(await (await fetch(url)).text()).toBe('0123456789')
      expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(403)
      expect((await fetch(url.replace('object.bin', 'another.bin'))).status).toBe(403)
    })

    test('write with the type they were signed for, and no other', async () => {
      const url = await sign({ method: 'PUT', contentType: 'video/mp4' })
      expect((await fetch(url, { method: 'PUT', body: 'abc', headers: { 'content-type': 'text/html' } })).status).toBe(
        403,
      )
      expect((await fetch(url, { method: 'PUT', body: 'abc', headers: mp4 })).status).toBe(200)
    })

    test('end', async () => {
      const url = await sign({ expiresInS: 1 })
      await eventually(
        async () => (await fetch(url)).status,
        status => expect(status).toBe(403),
      )
    })
  })
})

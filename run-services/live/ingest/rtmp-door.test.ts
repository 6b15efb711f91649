import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { flvLoop } from '#shared/media/flv/flv-loop.ts'
import type { FlvTag } from '#shared/media/flv/flv-tag.ts'
import { rtmpPublisher, type FrameSent } from '#shared/service/rtmp-publisher.ts'
import { eventually } from '../../../test/helpers/eventually.ts'
import { flvClip } from '../../../test/helpers/flv-clip.ts'
import type { Admit, Publication } from '../borders.ts'
import { rtmpDoor, type RtmpDoor, type RtmpDoorLimits } from './rtmp-door.ts'

const log = { info: () => undefined, warn: () => undefined }
const admitGood: Admit = key =>
  Promise.resolve(
    key === 'good'
      ? { channelRef: 'channel', keyRef: 'key' }
      : { reason: 'unknown-key', sentence: 'This stream key is not known.' },
  )

let clip: FlvTag[]
beforeAll(async () => {
  clip = await flvClip({ seconds: 1 })
})

type Opened = { door: RtmpDoor; publications: Publication[]; url: (key?: string) => string }

async function open(options: { admit?: Admit; limits?: Partial<RtmpDoorLimits> } = {}): Promise<Opened> {
  const publications: Publication[] = []
  const door = await rtmpDoor({
    port: 0,
    host: '127.0.0.1',
    log,
    admit: options.admit ?? admitGood,
    onPublication: publication => publications.push(publication),
    limits: options.limits ?? {},
  })
  onTestFinished(() => door.close())
  return { door, publications, url: (key = 'good') => `rtmp://127.0.0.1:${door.port}/live/${key}` }
}

async function first(publications: readonly Publication[]): Promise<Publication> {
  const [publication] = await eventually(
    () => publications,
    all => expect(all).toHaveLength(1),
  )
  if (!publication) throw new Error('no publication')
  return publication
}

async function collect(publication: Publication): Promise<FlvTag[]> {
  const tags: FlvTag[] = []
  for await (const tag of publication.tags) tags.push(tag)
  return tags
}

const fast = { realTime: false, signal: new AbortController().signal }

test('every tag of an accepted publisher arrives unchanged and in order, and its end is told', async () => {
  const { publications, url } = await open()
  const publisher = await rtmpPublisher({ url: url() })
  const publication = await first(publications)
  expect(publication).toMatchObject({
    channelRef: 'channel',
    keyRef: 'key',
    protocol: 'rtmp',
    remoteAddress: '127.0.0.1',
  })
  const collected = collect(publication)
  const frames: FrameSent[] = []
  await publisher.play(flvLoop(clip, 2), { ...fast, onFrame: frame => frames.push(frame) })
  await publisher.close()
  expect(await collected).toEqual([...flvLoop(clip, 2)])
  expect(frames).toHaveLength(60)
  expect(frames.filter(frame => frame.isKey)).toHaveLength(2)
  expect(await publication.ended).toBe('unpublished')
  expect(publication.received().bytes).toBeGreaterThan(10_000)
})

test('a wrong key is refused with the sentence before any media, and the next publisher is served', async () => {
  const { publications, url } = await open()
  await expect(rtmpPublisher({ url: url('wrong') })).rejects.toThrow('This stream key is not known.')
  expect(publications).toEqual([])
  const publisher = await rtmpPublisher({ url: url() })
  await first(publications)
  await publisher.close()
})

test('a publisher that is dropped is told why, whether or not its tags are read', async () => {
  const { publications, url } = await open()
  const publisher = await rtmpPublisher({ url: url() })
  const publication = await first(publications)
  publication.drop('Another encoder took over.')
  expect(await publication.ended).toBe('dropped')
  expect(await publisher.closed).toBe('Another encoder took over.')
})

test('a reader that stops disconnects the publisher', async () => {
  const { publications, url } = await open()
  const publisher = await rtmpPublisher({ url: url() })
  const publication = await first(publications)
  const reading = (async () => {
    for await (const tag of publication.tags) if (tag.kind === 'video') break
  })()
  await publisher.play(clip, fast)
  await reading
  expect(await publication.ended).toBe('dropped')
  await publisher.closed
})

test('a publisher that falls silent is idle, one whose line breaks is lost', async () => {
  const { publications, url } = await open({ limits: { idleMs: 100 } })
  const silent = await rtmpPublisher({ url: url() })
  const publication = await first(publications)
  await collect(publication)
  expect(await publication.ended).toBe('idle')
  await silent.closed
  const line = new AbortController()
  await rtmpPublisher({ url: url(), signal: line.signal })
  const second = await eventually(() => publications[1])
  line.abort()
  await collect(second as Publication)
  expect(await second?.ended).toBe('connection-lost')
})

test('nobody reading the tags pushes back on the publisher', async () => {
  const { publications, url } = await open()
  const stop = new AbortController()
  const publisher = await rtmpPublisher({ url: url() })
  const publication = await first(publications)
  const before = publication.received().bytes
  let sent = 0
  const big: FlvTag = { kind: 'video', timestampMs: 0, body: new Uint8Array(1024 * 1024).fill(0x27) }
  const playing = publisher.play(
    (function* endless() {
      for (; sent < 500; sent += 1) yield big
    })(),
    { realTime: false, signal: stop.signal },
  )
  let before1 = -1
  await eventually(
    () => sent,
    now => {
      const settled = now > 0 && now === before1
      before1 = now
      expect(settled).toBe(true)
    },
  )
  expect(sent).toBeLessThan(50)
  expect(publication.received().bytes).toBe(before)
  stop.abort()
  publication.drop('Enough.')
  await Promise.allSettled([playing])
})

function raw(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1' })
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  socket.resume()
  return socket
}

test('half-open sockets, garbage and a bare handshake are closed in time', async () => {
  const { door, publications } = await open({ limits: { handshakeMs: 150 } })
  const handshake = new Uint8Array(1 + 2 * 1536)
  handshake[0] = 3
  const openings = [
    new Uint8Array(0),
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    handshake,
    new Uint8Array(100_000).fill(0xff),
  ]
  await Promise.all(
    openings.map(async bytes => {
      const socket = raw(door.port)
      if (bytes.byteLength > 0) socket.write(bytes)
      await once(socket, 'close')
    }),
  )
  expect(publications).toEqual([])
})

test('an address gets at most its share of sockets', async () => {
  const { door, url } = await open({ limits: { socketsPerAddress: 3 } })
  const held = [raw(door.port), raw(door.port), raw(door.port)]
  await Promise.all(held.map(socket => once(socket, 'connect')))
  await once(raw(door.port), 'close')
  held[0]?.destroy()
  const publisher = await eventually(() => rtmpPublisher({ url: url() }))
  await publisher.close()
})

test('a door that stops accepting keeps the publishers it has', async () => {
  const { door, publications, url } = await open()
  const publisher = await rtmpPublisher({ url: url() })
  const publication = await first(publications)
  door.stopAccepting()
  await expect(rtmpPublisher({ url: url() })).rejects.toThrow()
  const collected = collect(publication)
  await publisher.play(clip, fast)
  await publisher.close()
  expect((await collected).length).toBe(clip.length)
})

test('a port in use is an error that names it', async () => {
  const { door } = await open()
  const again = rtmpDoor({ port: door.port, host: '127.0.0.1', admit: admitGood, onPublication: () => undefined, log })
  await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE', port: door.port })
})

test('a failing admission is a refusal, not a hole', async () => {
  const { publications, url } = await open({ admit: () => Promise.reject(new Error('store is down')) })
  await expect(rtmpPublisher({ url: url() })).rejects.toThrow('try again')
  expect(publications).toEqual([])
})

import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { eventually } from '../helpers/eventually.ts'
import { ffmpegPublisher } from '../helpers/ffmpeg-publisher.ts'
import { startLive } from '../helpers/live-process.ts'
import { providerEar } from '../helpers/provider-ear.ts'
import { segmentsWhole, storedWhole } from '../helpers/stored-segments.ts'

const WITHIN = { withinMs: 60_000 }
const DISK = '32m'
/** Room left when the disk is filled: about one segment. */
const LEFT_BYTES = 64 * 1024
/** Written at once: less than what is left free, so that a segment in between does not make it fail. */
const FILL_BYTES = 32 * 1024

const folder = mkdtempSync(join(tmpdir(), 'full-disk-'))
const mounted = mount()

function mount(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Fills the disk but for about one segment, whatever the show writes meanwhile. */
function fill(file: string): void {
  const free = () => {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  }
  for (let left = free(); left > LEFT_BYTES; left = free()) {
    appendFileSync(file, Buffer.alloc(Math.min(FILL_BYTES, left - LEFT_BYTES), 1))
  }
}

afterAll(() => {
  if (mounted) execFileSync('umount', ['-l', folder])
  rmSync(folder, { recursive: true, force: true })
})

test.skipIf(!mounted)(
  'on a full disk the show goes on live and says so; with room again nothing is missing (needs the right to mount)',
  async () => {
    await using ear = await providerEar()
    await using live = await startLive({ eventsUrl: ear.url, dataDir: folder })
    const { ref, playbackId, rtmpUrl } = await live.channel({ reconnect_window_s: 1 })
    const publisher = ffmpegPublisher(rtmpUrl, { width: 320, height: 180 })
    await eventually(
      () => expect(ear.segments(ref).length).toBeGreaterThan(0),
      () => true,
      WITHIN,
    )
    const { stream_id: streamId } = (await live.stream(ref)) ?? expect.fail('No stream.')

    const filler = join(folder, 'filler')
    fill(filler)
    await eventually(
      () => live.stream(ref),
      stream => {
        expect(stream?.health?.level).toBe('bad')
        expect(stream?.health?.sentence).toContain('storage is full')
      },
      WITHIN,
    )
    const edge = async () => Date.parse((await live.stream(ref))?.edge_at ?? '')
    const before = await edge()
    await eventually(edge, now => expect(now).toBeGreaterThan(before + 3_000), WITHIN)
    expect((await live.media(`/live/${playbackId}/master.m3u8`)).status).toBe(200)
    expect(publisher.process.exitCode).toBeNull()

    rmSync(filler)
    const told = ear.segments(ref).length
    await eventually(
      () => expect(ear.segments(ref).length).toBeGreaterThan(told + 3),
      () => true,
      WITHIN,
    )

    // The end of a show finds the disk full, too: it ends once there is room again.
    fill(filler)
    await eventually(
      async () => (await live.stream(ref))?.health?.sentence,
      text => expect(text).toContain('storage is full'),
      WITHIN,
    )
    await publisher.stop()
    await eventually(
      () => live.stream(ref),
      stream => expect(stream).toBeUndefined(),
      WITHIN,
    )
    expect(ear.names(ref)).not.toContain('Recording End')
    rmSync(filler)
    await eventually(
      () => ear.names(ref),
      names => expect(names.at(-1)).toBe('Recording End'),
      WITHIN,
    )
    segmentsWhole(ear.segments(ref))
    await storedWhole(live, ear, ref, streamId)
  },
)

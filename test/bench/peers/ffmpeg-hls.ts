import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { freePort } from '../../../local/supervisor/free-port.ts'
import { peerLadder, RUNG_NAMES } from './peer-ladder.ts'
import { startPeer } from './peer-process.ts'

export type FfmpegHls = AsyncDisposable & {
  /** Publish to `<rtmpUrl>/show`, once; refused for the first moments. */
  readonly rtmpUrl: string
  readonly masterUrl: string
  playlistUrl(rung: string): string
  log(): string
}

const TYPES: Readonly<Record<string, string>> = { m3u8: 'application/vnd.apple.mpegurl', ts: 'video/mp2t' }

function hlsArguments(url: string, fps: number): string[] {
  const { filter, rungs, audio } = peerLadder(fps)
  const maps = rungs.flatMap((_, index) => ['-map', `[v${index}]`, '-map', '0:a'])
  const perStream = rungs.flatMap((rung, index) =>
    rung.map(argument =>
      /^-(?:c:v|preset|tune|pix_fmt|bf|sc_threshold|g|keyint_min|b:v|maxrate|bufsize)$/u.test(argument)
        ? `${argument.replace(/:v$/u, '')}:v:${index}`
        : argument,
    ),
  )
  const streams = RUNG_NAMES.map((name, index) => `v:${index},a:${index},name:${name}`).join(' ')
  const input = ['-loglevel', 'error', '-probesize', '64k', '-analyzeduration', '500000', '-listen', '1', '-i', url]
  const hls = ['-f', 'hls', '-hls_time', '2', '-hls_list_size', '10', '-hls_flags', 'independent_segments+temp_file']
  const names = [
    '-master_pl_name',
    'master.m3u8',
    '-var_stream_map',
    streams,
    '-hls_segment_filename',
    '%v_%d.ts',
    '%v.m3u8',
  ]
  return [...input, '-filter_complex', filter, ...maps, ...perStream, ...audio, ...hls, ...names]
}

/** ffmpeg as RTMP server with the same ladder and its own HLS muxer, 2 s segments, behind a plain file server. */
export async function ffmpegHls(fps: number): Promise<FfmpegHls> {
  const folder = mkdtempSync(join(tmpdir(), 'ffmpeg-hls-'))
  const ports = { rtmp: await freePort(), http: await freePort() }
  const files = createServer((request, response) => {
    const file = join(folder, basename((request.url ?? '/').split('?')[0] ?? ''))
    const found = existsSync(file) && file !== folder
    response.writeHead(found ? 200 : 404, {
      'access-control-allow-origin': '*',
      'cache-control': 'no-cache',
      'content-type': TYPES[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
    })
    if (found) createReadStream(file).pipe(response)
    else response.end()
  })
  await new Promise<void>(resolve => files.listen(ports.http, '127.0.0.1', resolve))
  const rtmpUrl = `rtmp://127.0.0.1:${ports.rtmp}/live`
  const peer = startPeer('ffmpeg', hlsArguments(`${rtmpUrl}/show`, fps), { cwd: folder, signal: 'SIGINT' })
  const url = `http://127.0.0.1:${ports.http}`
  return {
    rtmpUrl,
    masterUrl: `${url}/master.m3u8`,
    playlistUrl: rung => `${url}/${rung}.m3u8`,
    log: () => peer.log(),
    [Symbol.asyncDispose]: async () => {
      await peer[Symbol.asyncDispose]()
      files.closeAllConnections()
      await new Promise(resolve => files.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../../local/provision.ts'
import { freePort } from '../../../local/supervisor/free-port.ts'
import { MissingPeer } from '../bench-row.ts'
import { until } from '../until.ts'
import { peerLadder, RUNG_NAMES } from './peer-ladder.ts'
import { startPeer } from './peer-process.ts'

export type NginxRtmpHls = AsyncDisposable & {
  /** Publish to `<rtmpUrl>/<name>`. */
  readonly rtmpUrl: string
  /** URL of a rung's media playlist. */
  playlistUrl(name: string, rung: string): string
  log(): string
}

const INSTALL = 'apt-get install nginx libnginx-mod-rtmp'

/** The module's file, from what `nginx -V` writes to standard error. */
function rtmpModule(): string {
  const { stderr, status } = spawnSync('nginx', ['-V'], { encoding: 'utf8' })
  if (status !== 0) throw new MissingPeer(`nginx is absent (${INSTALL}).`)
  const file = join(/--modules-path=(\S+)/u.exec(stderr)?.[1] ?? '', 'ngx_rtmp_module.so')
  if (!existsSync(file)) throw new MissingPeer(`nginx has no RTMP module (${INSTALL}).`)
  return file
}

/** A script, because nginx-rtmp starts programs without a PATH and without a place for what they say. */
function ladderScript(folder: string, rtmpPort: number, fps: number): string {
  const { filter, rungs, audio } = peerLadder(fps)
  const outputs = rungs.flatMap((rung, index) => {
    const maps = ['-map', `[v${index}]`, '-map', '0:a', ...rung, ...audio]
    return [...maps, '-f', 'flv', `rtmp://127.0.0.1:${rtmpPort}/hls/$1_${RUNG_NAMES[index] ?? ''}`]
  })
  const input = ['-loglevel', 'warning', '-probesize', '5M', '-analyzeduration', '3000000']
  const source = ['-i', `rtmp://127.0.0.1:${rtmpPort}/live/$1`, '-filter_complex', filter]
  const words = [findProgram('ffmpeg') ?? 'ffmpeg', ...input, ...source, ...outputs].map(word => `"${word}"`)
  const file = join(folder, 'ladder.sh')
  writeFileSync(file, `#!/bin/sh\nexec ${words.join(' ')} 2>${folder}/ladder.log\n`, { mode: 0o755 })
  return file
}

function configuration(folder: string, module: string, ports: { rtmp: number; http: number }, script: string): string {
  return `load_module ${module};
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
daemon off;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 256; }
rtmp {
  server {
    listen 127.0.0.1:${ports.rtmp};
    chunk_size 4096;
    application live {
      live on;
      exec ${script} $name;
    }
    application hls {
      live on;
      hls on;
      hls_path ${folder}/hls;
      hls_fragment 2s;
      hls_playlist_length 20s;
      hls_cleanup off;
    }
  }
}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${ports.http};
    location / { root ${folder}/hls; add_header access-control-allow-origin *; add_header cache-control no-cache; }
  }
}
`
}

function ladderLog(folder: string): string {
  const file = join(folder, 'ladder.log')
  return existsSync(file) ? readFileSync(file, 'utf8') : 'The ladder never started.'
}

/** nginx-rtmp with the same ladder behind it and 2 s HLS segments. Throws `MissingPeer`. */
export async function nginxRtmpHls(fps: number): Promise<NginxRtmpHls> {
  const module = rtmpModule()
  const folder = mkdtempSync(join(tmpdir(), 'nginx-rtmp-'))
  mkdirSync(join(folder, 'hls'))
  const ports = { rtmp: await freePort(), http: await freePort() }
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, configuration(folder, module, ports, ladderScript(folder, ports.rtmp, fps)))
  const peer = startPeer('nginx', ['-c', file, '-p', folder])
  const url = `http://127.0.0.1:${ports.http}`
  await until(async () => (await fetch(url)).status, { what: `nginx to answer: ${peer.log()}` })
  return {
    rtmpUrl: `rtmp://127.0.0.1:${ports.rtmp}/live`,
    playlistUrl: (name, rung) => `${url}/${name}_${rung}.m3u8`,
    log: () => `${peer.log()}\n${ladderLog(folder)}`,
    [Symbol.asyncDispose]: async () => {
      await peer[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'

/** A bare page with one video: what plays is the player library alone, nothing of ours. */
export type PlayerPages = AsyncDisposable & {
  /** hls.js; `config` is merged into its configuration. */
  hls(manifestUrl: string, config?: Record<string, unknown>): string
  /** dash.js; `settings` are its settings. */
  dash(manifestUrl: string, settings?: Record<string, unknown>): string
}

/**
 * hls.js for a low-latency show. `liveMaxLatencyDuration` (s) heals what stalls hls.js for good otherwise: a line that
 * narrowed, a join before the first whole segment.
 */
const LOW_LATENCY_HLS = {
  lowLatencyMode: true,
  maxLiveSyncPlaybackRate: 1.2,
  liveSyncOnStallIncrease: 0,
  liveMaxLatencyDuration: 6,
}

const require = createRequire(import.meta.url)
const SCRIPTS: Readonly<Record<string, string>> = {
  '/hls.js': require.resolve('hls.js/dist/hls.min.js'),
  '/dash.js': require.resolve('dashjs'),
}

const STARTERS = {
  // The largest delay is set afterwards: the constructor takes it only with a fixed one, in place of the playlist's.
  hls: `const { liveMaxLatencyDuration, ...config } = options
const player = new Hls(config)
if (liveMaxLatencyDuration !== undefined) player.config.liveMaxLatencyDuration = liveMaxLatencyDuration
player.on(Hls.Events.ERROR, (_, { type, details, fatal, error }) => console.log('hls', type, details, fatal, String(error ?? '')))
player.loadSource(manifest)
player.attachMedia(video)`,
  dash: `const player = dashjs.MediaPlayer().create()
player.updateSettings(options)
player.on(dashjs.MediaPlayer.events.ERROR, ({ error }) => console.log('dash', error?.code, error?.message))
player.initialize(video, manifest, true)`,
}

function pageHtml(library: 'hls' | 'dash', manifest: string, options: unknown): string {
  const inputs = `const manifest = ${JSON.stringify(manifest)}, options = ${JSON.stringify(options)}`
  return `<!doctype html><meta charset="utf-8"><title>${library}</title>
<style>body{margin:0;background:#000}video{width:100%;height:100vh}</style>
<video muted autoplay playsinline></video><script src="/${library}.js"></script>
<script>${inputs}, video = document.querySelector('video')
${STARTERS[library]}
globalThis.player = player</script>`
}

function answer(response: ServerResponse, type: string, body: string | Buffer): void {
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
}

/** Serves bare player pages on a free loopback port. */
export async function playerPages(): Promise<PlayerPages> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const script = SCRIPTS[url.pathname]
    if (script !== undefined) return answer(response, 'text/javascript', readFileSync(script))
    const library = url.pathname === '/dash' ? 'dash' : 'hls'
    const options: unknown = JSON.parse(url.searchParams.get('options') ?? '{}')
    return answer(response, 'text/html', pageHtml(library, url.searchParams.get('manifest') ?? '', options))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const link = (library: string, manifest: string, options: unknown) =>
    `http://127.0.0.1:${port}/${library}?${new URLSearchParams({ manifest, options: JSON.stringify(options) }).toString()}`
  return {
    hls: (manifest, config = LOW_LATENCY_HLS) => link('hls', manifest, config),
    dash: (manifest, settings = {}) => link('dash', manifest, settings),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

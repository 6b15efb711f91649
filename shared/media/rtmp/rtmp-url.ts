import type { RtmpTarget } from './rtmp-client-session.ts'

export type RtmpUrl = RtmpTarget & { host: string; port: number }

const PORT_DEFAULT = 1935

/** Takes `rtmp://host[:port]/app/stream-key` apart, the form ffmpeg publishes to. Throws `TypeError` with a sentence. */
export function parseRtmpUrl(text: string): RtmpUrl {
  const parsed = /^rtmp:\/\/(\[[^\]]+\]|[^/:]+)(?::(\d{1,5}))?\/([^/]+)\/(.+)$/.exec(text)
  const [, host, port, app, streamKey] = parsed ?? []
  if (!host || !app || !streamKey) throw new TypeError('An RTMP URL is rtmp://host[:port]/app/stream-key.')
  const number = port === undefined ? PORT_DEFAULT : Number(port)
  if (number < 1 || number > 65_535) throw new TypeError(`Port ${number} is not a port.`)
  return { host: host.replaceAll(/^\[|\]$/g, ''), port: number, app, streamKey, url: `rtmp://${host}:${number}/${app}` }
}

import type { RtmpTarget } from './rtmp-client-session.ts'

/** `secure`: the connection is TLS (`rtmps:`). */
export type RtmpUrl = RtmpTarget & { host: string; port: number; secure: boolean }

const PORT_DEFAULT = { rtmp: 1935, rtmps: 443 } as const

/** Takes `rtmp[s]://host[:port]/app/stream-key` apart, the form ffmpeg publishes to. Throws `TypeError` with a sentence. */
export function parseRtmpUrl(text: string): RtmpUrl {
  const parsed = /^(rtmps?):\/\/(\[[^\]]+\]|[^/:]+)(?::(\d{1,5}))?\/([^/]+)\/(.+)$/.exec(text)
  const [, scheme, host, port, app, streamKey] = parsed ?? []
  if (!host || !app || !streamKey) throw new TypeError('An RTMP URL is rtmp[s]://host[:port]/app/stream-key.')
  const secure = scheme === 'rtmps'
  const number = port === undefined ? PORT_DEFAULT[secure ? 'rtmps' : 'rtmp'] : Number(port)
  if (number < 1 || number > 65_535) throw new TypeError(`Port ${number} is not a port.`)
  const url = `${scheme}://${host}:${number}/${app}`
  return { host: host.replaceAll(/^\[|\]$/g, ''), port: number, secure, app, streamKey, url }
}

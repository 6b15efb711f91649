import { expect, test } from 'vitest'
import { parseRtmpUrl } from './rtmp-url.ts'

test('the URL ffmpeg publishes to is taken apart', () => {
  expect(parseRtmpUrl('rtmp://127.0.0.1:1936/live/abc')).toEqual({
    host: '127.0.0.1',
    port: 1936,
    secure: false,
    app: 'live',
    streamKey: 'abc',
    url: 'rtmp://127.0.0.1:1936/live',
  })
  expect(parseRtmpUrl('rtmp://[::1]/live/abc')).toMatchObject({ host: '::1', port: 1935 })
  expect(parseRtmpUrl('rtmps://door.example/app/abc')).toMatchObject({ port: 443, secure: true })
})

test('anything else is refused with the form to use', () => {
  for (const text of ['http://a/live/b', 'rtmp://a/live', 'rtmp://a:0/live/b', 'rtmp://a:99999/live/b', '']) {
    expect(() => parseRtmpUrl(text)).toThrow(TypeError)
  }
})

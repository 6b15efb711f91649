/*
 * Reads the frame number of every picture that any video of this page shows: the source of
 * installFrameClock(), which puts decodeFrameNumber before it. Keeps the newest 20,000 frames.
 */
{
  const SHOWN_MAX = 20_000
  const COLUMNS = 32
  const CELL = 4
  const LOOK_FOR_VIDEOS_MS = 20

  const canvas = document.createElement('canvas')
  canvas.width = COLUMNS * CELL
  canvas.height = CELL
  const context = canvas.getContext('2d', { willReadFrequently: true })
  const clock = { shown: [], unreadable: 0, firstPictureAtMs: undefined }
  const known = new WeakSet()

  const frameIn = video => {
    const { videoWidth: width, videoHeight: height } = video
    // The middle half of the strip: its edges bleed when the picture was scaled.
    context.drawImage(video, 0, height * 0.025, width, height * 0.05, 0, 0, canvas.width, canvas.height)
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
    const green = (column, row, x) => data[(row * canvas.width + column * CELL + x) * 4 + 1]
    const level = column => (green(column, 1, 1) + green(column, 1, 2) + green(column, 2, 1) + green(column, 2, 2)) / 4
    return decodeFrameNumber(Array.from({ length: COLUMNS }, (_, column) => level(column)))
  }

  const watch = video => {
    const look = (_now, { mediaTime }) => {
      const atMs = Date.now()
      video.requestVideoFrameCallback(look)
      if (video.videoWidth === 0) return
      clock.firstPictureAtMs ??= atMs
      const frame = frameIn(video)
      if (frame === undefined) clock.unreadable += 1
      else clock.shown.push({ frame, atMs, mediaTimeS: mediaTime, width: video.videoWidth, height: video.videoHeight })
      if (clock.shown.length > SHOWN_MAX) clock.shown.shift()
    }
    video.requestVideoFrameCallback(look)
  }

  const adopt = root => {
    for (const element of root.querySelectorAll('*')) {
      if (element.shadowRoot !== null) adopt(element.shadowRoot)
      if (element.localName !== 'video' || known.has(element)) continue
      known.add(element)
      watch(element)
    }
  }

  globalThis.frameClock = clock
  setInterval(() => adopt(document), LOOK_FOR_VIDEOS_MS)
}

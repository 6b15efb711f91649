/** Covers a video with its last picture while another playlist is loaded into it. */
export type StillCover = { show(): void; hide(): void }

export function stillCover(video: HTMLVideoElement, still: HTMLCanvasElement): StillCover {
  return {
    show() {
      if (video.videoWidth === 0) return
      still.width = video.videoWidth
      still.height = video.videoHeight
      still.getContext('2d')?.drawImage(video, 0, 0)
      still.hidden = false
    },
    hide() {
      still.hidden = true
    },
  }
}

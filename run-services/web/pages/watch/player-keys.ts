import type { ShowPlayer } from './show-player.ts'

const STEP_MS = 10_000
const VOLUME_STEP = 0.1

/** Fills the screen with the player, or gives it back. */
export function toggleFullscreen(frame: HTMLElement): void {
  if (document.fullscreenElement !== null) void document.exitFullscreen()
  else if ('requestFullscreen' in frame) void frame.requestFullscreen().catch(() => undefined)
  // iPhones only let the video element itself go full screen.
  else
    (frame as HTMLElement)
      .querySelector<HTMLVideoElement & { webkitEnterFullscreen?: () => void }>('video')
      ?.webkitEnterFullscreen?.()
}

/** The keyboard of the player: space, arrows, l, m, f, i, and c where clips are made. Gives the function that takes it away again. */
export function playerKeys({
  player,
  frame,
  toggleStats,
  clip,
}: {
  player: ShowPlayer
  frame: HTMLElement
  toggleStats: () => void
  clip?: (() => void) | undefined
}): () => void {
  const actions: Readonly<Record<string, () => void>> = {
    ' ': () => (player.view().paused ? player.play() : player.pause()),
    k: () => (player.view().paused ? player.play() : player.pause()),
    ArrowLeft: () => player.step(-STEP_MS),
    ArrowRight: () => player.step(STEP_MS),
    ArrowUp: () => player.setVolume(player.view().volume + VOLUME_STEP),
    ArrowDown: () => player.setVolume(player.view().volume - VOLUME_STEP),
    l: () => player.goLive(),
    m: () => player.setMuted(!player.view().muted),
    f: () => toggleFullscreen(frame),
    i: toggleStats,
    ...(clip === undefined ? {} : { c: clip }),
  }
  const pressed = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    const target = event.target instanceof HTMLElement ? event.target : undefined
    if (target?.closest('input, select, textarea, dialog, [role="menu"], [contenteditable]') != null) return
    if (event.key === ' ' && target?.closest('button, a') != null) return
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    if (action === undefined) return
    event.preventDefault()
    action()
  }
  document.addEventListener('keydown', pressed)
  return () => document.removeEventListener('keydown', pressed)
}

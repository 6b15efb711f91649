import type { JSX, RefObject } from 'preact'
import type { Clip } from '../api/api-routes.ts'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'
import { CropOverlay } from './crop-overlay.tsx'
import { typedTime } from './typed-time.ts'
import type { Shape } from './crop-box.ts'
import type { RangePlayer } from './use-range-player.ts'

const WIDE = 16 / 9

type EditorPictureProps = {
  clip: Clip
  video: RefObject<HTMLVideoElement | null>
  player: RangePlayer
  shape: Shape
  crop: Clip['crop']
  disabled: boolean
  onCrop: (crop: Clip['crop']) => void
}

/** The show at the moment being worked on, with the box of the chosen shape over it. */
export function EditorPicture({ clip, video, player, shape, crop, disabled, onCrop }: EditorPictureProps): JSX.Element {
  const ratio = clip.width === null || clip.height === null ? WIDE : clip.width / clip.height
  return (
    <div class="editor-picture" style={{ '--ratio': ratio }}>
      <div class="editor-frame">
        {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- a recording has no caption track */}
        <video ref={video} playsInline poster={clip.playback?.poster_url} aria-label={clip.title} />
        {shape !== 'wide' && (
          <CropOverlay shape={shape} ratio={ratio} crop={crop} disabled={disabled} onCrop={onCrop} />
        )}
      </div>
      <div class="editor-transport">
        <button
          type="button"
          class="button button-icon"
          aria-label={t(player.paused ? 'editor.playRange' : 'player.pause')}
          onClick={player.toggle}
        >
          <Icon name={player.paused ? 'play' : 'pause'} />
        </button>
        <span class="figures">{typedTime(player.atMs)}</span>
      </div>
    </div>
  )
}

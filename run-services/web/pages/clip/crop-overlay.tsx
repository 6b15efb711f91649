import type { JSX, TargetedKeyboardEvent, TargetedPointerEvent } from 'preact'
import { useState } from 'preact/hooks'
import type { Clip } from '../api/api-routes.ts'
import { t } from '../i18n/translate.ts'
import { cropBox } from './crop-box.ts'
import type { Shape } from './crop-box.ts'

const MIDDLE = 0.5
const STEP = 0.01
const LEAP = 0.05

type CropOverlayProps = {
  shape: Exclude<Shape, 'wide'>
  /** Width of the picture over its height. */
  ratio: number
  crop: Clip['crop']
  disabled: boolean
  onCrop: (crop: Clip['crop']) => void
}

/** What of the picture a narrower shape keeps. Dragging the box, or the arrow keys, fix its middle. */
export function CropOverlay({ shape, ratio, crop, disabled, onCrop }: CropOverlayProps): JSX.Element {
  const [held, setHeld] = useState<number>()
  const following = crop === 'follow'
  const center = following ? MIDDLE : crop.center
  const { left, width } = cropBox(shape, ratio, center)
  const half = width / 2
  const put = (wished: number): void => {
    const inside = Math.min(1 - half, Math.max(half, wished))
    onCrop({ center: Math.round(inside * 1000) / 1000 })
  }
  const under = (event: TargetedPointerEvent<HTMLElement>): number => {
    const frame = event.currentTarget.parentElement?.getBoundingClientRect()
    return frame === undefined ? center : (event.clientX - frame.left) / frame.width
  }
  const pressed = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    const move = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0
    if (move === 0 || disabled) return
    event.preventDefault()
    event.stopPropagation()
    put(left + half + move * (event.shiftKey ? LEAP : STEP))
  }
  return (
    <div class="crop" data-following={following}>
      <span class="crop-out" style={{ left: '0', width: `${left * 100}%` }} />
      <span class="crop-out" style={{ left: `${(left + width) * 100}%`, right: '0' }} />
      <div
        class="crop-box"
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- it is dragged over the picture, where no input can lie
        role="slider"
        tabIndex={disabled ? -1 : 0}
        aria-label={t('crop.box')}
        aria-disabled={disabled}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round((left + half) * 100)}
        aria-valuetext={following ? t('crop.follow') : `${Math.round((left + half) * 100)} %`}
        style={{ left: `${left * 100}%`, width: `${width * 100}%` }}
        onKeyDown={pressed}
        onPointerDown={event => {
          if (disabled) return
          event.currentTarget.setPointerCapture(event.pointerId)
          setHeld(under(event) - (left + half))
        }}
        onPointerMove={event => {
          if (held !== undefined) put(under(event) - held)
        }}
        onPointerUp={() => setHeld(undefined)}
        onPointerCancel={() => setHeld(undefined)}
      >
        {following && <span class="crop-word">{t('crop.follow')}</span>}
      </div>
    </div>
  )
}

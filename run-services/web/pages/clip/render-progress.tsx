import type { JSX } from 'preact'
import type { Clip } from '../api/api-routes.ts'
import { isUnderWay } from './use-followed-clip.ts'
import { t } from '../i18n/translate.ts'

/** How far the render of a clip is; nothing once there is none to wait for. */
export function RenderProgress({ clip }: { clip: Clip }): JSX.Element | null {
  if (!isUnderWay(clip)) return null
  const percent = clip.render === null ? undefined : Math.floor(clip.render.percent)
  const words = percent === undefined || percent === 0 ? t('clip.queued') : t('clip.rendering', { percent })
  return (
    <div class="render-progress">
      <span class="figures" id={`render-${clip.id}`}>
        {words}
      </span>
      <progress
        aria-labelledby={`render-${clip.id}`}
        max={100}
        {...(percent === undefined ? {} : { value: percent })}
      />
    </div>
  )
}

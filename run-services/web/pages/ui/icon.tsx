import type { JSX } from 'preact'
import type { FeedIconName } from '../feed/feed-icons.ts'
import { iconPath } from './icon-paths.ts'
import type { BaseIconName } from './icon-paths.ts'
import type { MoreIconName } from './more-icons.ts'

export type IconName = BaseIconName | MoreIconName | FeedIconName

/** A drawn sign; always beside a text or inside something that has a label. */
export function Icon({ name }: { name: IconName }): JSX.Element {
  const { path, solid } = iconPath(name)
  return (
    <svg class={solid ? 'icon icon-solid' : 'icon'} viewBox="0 0 24 24" aria-hidden="true">
      <path d={path} />
    </svg>
  )
}

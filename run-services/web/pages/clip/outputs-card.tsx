import type { JSX } from 'preact'
import type { Clip } from '../api/api-routes.ts'
import { isUnderWay } from './use-followed-clip.ts'
import { t } from '../i18n/translate.ts'
import type { PlainTextKey } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'
import { RenderProgress } from './render-progress.tsx'

const SHAPES = ['wide', 'vertical', 'square'] as const
const NAMES: Readonly<Record<string, PlainTextKey>> = {
  wide: 'shape.wide',
  vertical: 'shape.vertical',
  square: 'shape.square',
  shorts: 'preset.shorts',
  story: 'preset.story',
  'square-post': 'preset.squarePost',
}
const MEGABYTE = 1_000_000

/** Every file the clip is or becomes: how far its render is, and each one to take along. */
export function OutputsCard({ clip }: { clip: Clip }): JSX.Element {
  const waiting = isUnderWay(clip)
  const files = new Map(clip.files.map(file => [file.name, file]))
  const made = new Set(clip.render?.stored)
  const names = [...new Set([...SHAPES, ...clip.presets, ...files.keys()])]
  return (
    <section class="card" aria-labelledby="outputs-title">
      <h2 id="outputs-title">{t('outputs.title')}</h2>
      <RenderProgress clip={clip} />
      <Shown clip={clip} />
      <ul class="outputs">
        {names.map(name => {
          const file = files.get(name)
          const known = NAMES[name]
          const text = known === undefined ? name : t(known)
          return (
            <li key={name} data-there={file !== undefined || made.has(name)}>
              <Icon name={file === undefined && !made.has(name) ? 'film' : 'check'} />
              <span class="outputs-name">
                {text}
                <span class="muted figures">
                  {file === undefined
                    ? t(made.has(name) ? 'outputs.made' : waiting ? 'outputs.making' : 'outputs.none')
                    : `${file.width ?? '–'}×${file.height ?? '–'} · ${(file.bytes / MEGABYTE).toFixed(1)} MB`}
                </span>
              </span>
              {file !== undefined && (
                <a
                  class="button button-quiet button-icon"
                  href={file.url}
                  download={`${clip.id}-${name}.mp4`}
                  target="_blank"
                  rel="noopener noreferrer"
                  aria-label={t('outputs.download', { name: text })}
                >
                  <Icon name="download" />
                </a>
              )}
            </li>
          )
        })}
      </ul>
    </section>
  )
}

/** The rendered shapes side by side, as their viewers see them. */
function Shown({ clip }: { clip: Clip }): JSX.Element | null {
  const { playback } = clip
  if (playback?.vertical_url === undefined) return null
  const urls = [playback.vertical_url, playback.square_url].filter(url => url !== undefined)
  return (
    <div class="outputs-shown">
      {urls.map((url, index) => (
        <video
          key={url}
          src={`${url}#t=0.1`}
          muted
          loop
          playsInline
          preload="metadata"
          controls
          data-shape={index === 0 ? 'vertical' : 'square'}
          aria-label={t(index === 0 ? 'shape.vertical' : 'shape.square')}
        />
      ))}
    </div>
  )
}

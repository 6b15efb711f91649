import './editor.css'
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { ApiProblem } from '../api/api-problem.ts'
import type { Clip } from '../api/api-routes.ts'
import { call } from '../api/call.ts'
import { useFollowedClip } from './use-followed-clip.ts'
import { usePolled } from '../api/use-polled.ts'
import { t } from '../i18n/translate.ts'
import { StudioFrame } from '../studio/studio-frame.tsx'
import type { StudioSeat } from '../studio/studio-frame.tsx'
import { ProblemNotice } from '../ui/problem-notice.tsx'
import { ClipEditor } from './clip-editor.tsx'

const CLIP_EVERY_MS = 15_000
const STREAM_EVERY_MS = 20_000
const CURVE_EVERY_MS = 30_000
/** Who one is does not change. */
const ME_EVERY_MS = 600_000

/** One clip on the cutting table: its range, its shapes, its words, and who may see it. */
export function EditorPage({ id }: { id: string }): JSX.Element {
  return <StudioFrame title={t('editor.title')}>{seat => <Editor id={id} {...seat} />}</StudioFrame>
}

function Editor({ id, session, onProblem }: StudioSeat & { id: string }): JSX.Element {
  const { token } = session
  const asked = usePolled(`clip ${id}`, CLIP_EVERY_MS, signal =>
    call('GET /v1/clips/{id}', { params: { id }, token, signal }),
  )
  const [saved, setSaved] = useState<Clip>()
  const clip = useFollowedClip(newerOf(asked.value, saved), token)
  useEffect(() => onProblem(asked.error), [asked.error])
  const streamId = clip?.stream_id
  const stream = usePolled(
    `clip show ${streamId}`,
    STREAM_EVERY_MS,
    streamId === undefined
      ? undefined
      : signal => call('GET /v1/streams/{id}', { params: { id: streamId }, token, signal }),
  )
  // What the rules see in a show is told to its owner alone; others edit without the curve.
  const me = usePolled(`me ${token}`, ME_EVERY_MS, signal => call('GET /v1/me', { token, signal }))
  const curveOf = me.value !== undefined && me.value.id === clip?.creator.id ? streamId : undefined
  const simulation = usePolled(
    `clip curve ${curveOf}`,
    CURVE_EVERY_MS,
    curveOf === undefined
      ? undefined
      : signal => call('POST /v1/clip-rules:simulate', { body: { stream_id: curveOf }, token, signal }),
  )
  const streamGone = stream.error instanceof ApiProblem && stream.error.status === 404
  if (clip === undefined || (stream.value === undefined && stream.error === undefined)) {
    return asked.error === undefined ? <div aria-busy="true" /> : <ProblemNotice problem={asked.error} />
  }
  if (!clip.yours) {
    return (
      <ProblemNotice problem={new ApiProblem({ code: 'auth.forbidden', status: 403, detail: '', retryable: false })} />
    )
  }
  return (
    <ClipEditor
      clip={clip}
      stream={streamGone ? undefined : stream.value}
      simulation={simulation.value}
      token={token}
      onClip={setSaved}
    />
  )
}

function newerOf(asked: Clip | undefined, saved: Clip | undefined): Clip | undefined {
  if (asked === undefined || saved === undefined) return saved ?? asked
  return Date.parse(saved.updated_at) > Date.parse(asked.updated_at) ? saved : asked
}

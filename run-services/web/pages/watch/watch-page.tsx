import './watch.css'
import '../styles/forms.css'
import '../clip/clip.css'
import type { JSX } from 'preact'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { agoText } from '../i18n/format-time.ts'
import { currentLanguage, t } from '../i18n/translate.ts'
import { serverNow } from '../api/server-time.ts'
import { isSignedIn } from '../ui/viewer-token.ts'
import { ClipButton } from '../clip/clip-button.tsx'
import { ClipCard } from '../clip/clip-card.tsx'
import { addClipProblems } from '../clip/clip-problems.ts'
import { RelatedClips } from '../clip/related-clips.tsx'
import { useClipThat } from '../clip/use-clip-that.ts'
import { rememberChannel } from '../front/watch-again.ts'
import { initialOf } from '../ui/initial-of.ts'
import { LivePill } from '../ui/live-pill.tsx'
import { addMoreIcons } from '../ui/more-icons.ts'
import { PageHeader } from '../ui/page-header.tsx'
import { ProblemNotice } from '../ui/problem-notice.tsx'
import { ShareButton } from './share-button.tsx'
import { MomentList } from './moment-list.tsx'
import { Player } from './player.tsx'
import { usePlaceInAddress } from './use-place-in-address.ts'
import { useShow } from './use-show.ts'
import type { Stream } from '../api/api-routes.ts'
import type { ShowPlayer } from './show-player.ts'

addMoreIcons()
addClipProblems()

/** One show: live with rewind while it runs, whole after it. The id is the show's or its channel's. */
export function WatchPage({ id, embedded }: { id: string; embedded: boolean }): JSX.Element {
  const { stream, channel, markers, clips, problem, offAir } = useShow(id)
  const [seek, setSeek] = useState<{ atMs: number }>()
  const player = useRef<ShowPlayer | undefined>(undefined)
  const [playing, setPlaying] = useState(false)
  const { press, clipThat, again, dismiss } = useClipThat(stream, spanMs => player.current?.lastSeen(spanMs))
  const onPlayer = useCallback((made: ShowPlayer | undefined) => {
    player.current = made
    setPlaying(made !== undefined)
  }, [])
  useEffect(() => {
    if (stream !== undefined) document.title = `${stream.title} · Showreel`
  }, [stream?.title])
  useEffect(() => {
    if (stream !== undefined) rememberChannel(stream.channel_id)
  }, [stream?.channel_id])
  usePlaceInAddress(playing ? stream : undefined, atMs => player.current?.seekTo(atMs))

  const screen =
    stream === undefined ? (
      <div class="player player-empty" aria-busy={problem === undefined && !offAir} />
    ) : (
      <Player
        key={stream.id}
        stream={stream}
        markers={markers}
        dvrWindowMs={(channel?.dvr_window_s ?? 0) * 1000}
        clips={clips}
        seek={seek}
        onPlayer={onPlayer}
        onClip={embedded ? undefined : clipThat}
      />
    )
  if (embedded) {
    return (
      <main class="embed">
        <h1 class="visually-hidden">{stream?.title ?? t('lost.title')}</h1>
        {screen}
      </main>
    )
  }
  return (
    <>
      <PageHeader />
      <main class="watch">
        <div class="stage">{screen}</div>
        <div class="watch-about">
          {problem !== undefined && stream === undefined && (
            <section class="show-head-text">
              <h1>{t('lost.title')}</h1>
              <ProblemNotice problem={problem} />
            </section>
          )}
          {offAir && <OffAir title={channel?.title ?? ''} />}
          {stream !== undefined && (
            <ShowHead stream={stream} clip={<ClipButton place="page" disabled={!playing} onClip={clipThat} />} />
          )}
          {stream !== undefined && markers.length > 0 && (
            <MomentList stream={stream} markers={markers} onPick={atMs => setSeek({ atMs })} />
          )}
          {stream !== undefined && <RelatedClips streamId={stream.id} />}
        </div>
        {press !== undefined && <ClipCard press={press} studio={isSignedIn()} onAgain={again} onClose={dismiss} />}
      </main>
    </>
  )
}

function ShowHead({ stream, clip }: { stream: Stream; clip: JSX.Element }): JSX.Element {
  const at = stream.ended_at ?? stream.started_at
  return (
    <section class="show-head">
      <div class="show-head-text">
        <p class="show-head-state">
          <LivePill stream={stream} />
          {at !== null && (
            <span class="muted figures">
              {t(stream.ended_at === null ? 'show.started' : 'show.endedAgo', {
                ago: agoText(currentLanguage(), Date.parse(at), serverNow()),
              })}
            </span>
          )}
        </p>
        <h1>{stream.title}</h1>
        <p class="show-creator">
          <span class="avatar" aria-hidden="true">
            {initialOf(stream.creator.display_name, currentLanguage())}
          </span>
          <span>
            {stream.creator.display_name}
            <span class="muted"> @{stream.creator.handle}</span>
          </span>
        </p>
      </div>
      <div class="show-head-actions">
        {clip}
        <ShareButton title={stream.title} id={stream.id} />
      </div>
    </section>
  )
}

function OffAir({ title }: { title: string }): JSX.Element {
  return (
    <section class="show-head">
      <div class="show-head-text">
        <h1>{title}</h1>
        <p class="muted">{t('watch.offAir')}</p>
      </div>
      <a class="button" href="/">
        {t('lost.home')}
      </a>
    </section>
  )
}

import { isOpen, OVER_REASONS, type StreamFact, type StreamLife } from './stream-life.ts'
import { streamTransition, type Transition } from './stream-transitions.ts'

type Show = { streamId: string; life: StreamLife }

export type ChannelTransition = {
  /** The show that the fact is about. */
  target: Transition
  /** The channel's other open show, when the fact shows that it must be over. */
  other?: Transition
}

/**
 * A fact about one show of a channel, with what it means for the channel's other open show; pure.
 *
 * A channel has at most one show on the air. When two would be open, the one that began earlier is over, whichever of
 * them was heard of first.
 */
export function channelTransition(
  other: Show | undefined,
  target: { streamId: string; life: StreamLife | undefined },
  fact: StreamFact,
  windowMs: number,
): ChannelTransition {
  const after = streamTransition(target.life, fact, windowMs)
  if (other === undefined || !isOpen(after.life.state)) return { target: after }
  if (isNewer({ streamId: target.streamId, life: after.life }, other)) {
    return {
      target: after,
      other: streamTransition(other.life, superseded(other.life, after.life.startedAt), windowMs),
    }
  }
  const ended = streamTransition(after.life, superseded(after.life, other.life.startedAt), windowMs)
  return { target: { life: ended.life, events: [...after.events, ...ended.events] } }
}

function isNewer(a: Show, b: Show): boolean {
  if (a.life.startedAt !== b.life.startedAt) return a.life.startedAt > b.life.startedAt
  return a.streamId > b.streamId
}

function superseded(life: StreamLife, at: string): StreamFact {
  return {
    kind: 'over',
    epoch: life.epoch,
    at: at > life.startedAt ? at : life.startedAt,
    reason: OVER_REASONS.superseded,
  }
}

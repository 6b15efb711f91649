import type { Clock } from '#shared/domain/clock.ts'
import type { MediaFacts } from '#shared/domain/provider-event.ts'
import type { FlvTag } from '#shared/media/flv/flv-tag.ts'
import type { ArrivedTag } from './arrived-tag.ts'
import { SourceFacts, UnsupportedSource } from './source-facts.ts'

/** Longest wait for a decodable picture, ms. */
const NO_VIDEO_MS = 10_000
/** Bounds of what is read before the ladder is planned. */
const HEAD_MS_MAX = 3_000
const HEAD_BYTES_MAX = 8 * 1024 * 1024

export type Source = {
  kind: 'source'
  facts: MediaFacts
  /** Everything from the first key frame on, what was read for the facts included. */
  tags: AsyncIterable<ArrivedTag>
}
export type RejectedSource = {
  kind: 'rejected'
  end: 'no-video' | 'unsupported-codec' | 'gone'
  /** For the publisher and the channel's health. */
  sentence: string
}

export type ReadSourceOptions = { now: Clock; noVideoMs?: number }

/**
 * Reads as much of a publisher's media as it takes to know what it is: half a second as a rule, at most 3 s or 8 MiB.
 * Says `no-video` when there is no decodable picture within 10 s.
 */
export async function readSource(
  tags: AsyncIterable<FlvTag>,
  options: ReadSourceOptions,
): Promise<Source | RejectedSource> {
  const iterator = tags[Symbol.asyncIterator]()
  const noVideoMs = options.noVideoMs ?? NO_VIDEO_MS
  const deadline = performance.now() + noVideoMs
  const facts = new SourceFacts()
  const head: ArrivedTag[] = []
  let headBytes = 0
  for (;;) {
    const next = await within(iterator.next(), deadline - performance.now())
    if (next === 'late') return facts.startsWithKey ? source(facts, head, iterator, options.now) : noVideo(noVideoMs)
    if (next.done) return gone()
    try {
      facts.add(next.value)
    } catch (error) {
      if (!(error instanceof UnsupportedSource)) throw error
      return { kind: 'rejected', end: 'unsupported-codec', sentence: error.message }
    }
    // Nothing before the first key frame can be decoded; its configuration can and must be kept.
    if (facts.startsWithKey || facts.isConfiguration(next.value)) {
      head.push({ ...next.value, atMs: options.now() })
      headBytes += next.value.body.byteLength
    }
    const full = headBytes > HEAD_BYTES_MAX || facts.spanMs > HEAD_MS_MAX
    if (facts.complete || (full && facts.startsWithKey)) return source(facts, head, iterator, options.now)
    if (full) return noVideo(noVideoMs)
  }
}

function source(
  facts: SourceFacts,
  head: readonly ArrivedTag[],
  rest: AsyncIterator<FlvTag>,
  now: Clock,
): Source | RejectedSource {
  const found = facts.facts()
  return found ? { kind: 'source', facts: found, tags: joined(head, rest, now) } : gone()
}

async function* joined(
  head: readonly ArrivedTag[],
  rest: AsyncIterator<FlvTag>,
  now: Clock,
): AsyncGenerator<ArrivedTag> {
  try {
    yield* head
    for (;;) {
      const next = await rest.next()
      if (next.done) return
      yield { ...next.value, atMs: now() }
    }
  } finally {
    await rest.return?.()
  }
}

function noVideo(withinMs: number): RejectedSource {
  const sentence = `No picture came within ${Math.round(withinMs / 1000)} s; check that the encoder sends H.264 video with key frames.`
  return { kind: 'rejected', end: 'no-video', sentence }
}

function gone(): RejectedSource {
  return { kind: 'rejected', end: 'gone', sentence: 'The publisher left before its first picture.' }
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>(resolve => (timer = setTimeout(resolve, Math.max(0, ms), 'late')))
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

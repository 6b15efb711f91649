import { z } from 'zod'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import { type EpochFacts, epochFacts, type SegmentFacts, segmentFacts } from '../packager/show-facts.ts'
import { jsonObjects } from '../plane/json-objects.ts'

/** Segments of one journal object: it is written again with every segment, so that it must stay small. */
export const BLOCK_SEGMENTS = 32
const DIGITS = 10

const totals = z.object({ segments: z.int().nonnegative(), duration_ms: z.number().nonnegative() })
export type JournalTotals = z.infer<typeof totals>

const block = z.object({
  /** What was stored before the first segment of this block. */
  before: totals,
  /** Discontinuities before it. */
  discontinuities_before: z.int().nonnegative(),
  segments: z.array(segmentFacts).min(1),
})
export type JournalBlock = z.infer<typeof block>

const showHead = z.object({
  stream_id: z.string(),
  /** Folder of the live playlists. */
  home: z.string(),
  state: z.enum(['recording', 'complete']),
  segments_produced: z.int().nonnegative(),
  totals,
})
export type ShowHead = z.infer<typeof showHead>

/** What is known of a recording from what was written, and only that: it survives the process. */
export type ShowJournal = {
  readHead(): Promise<ShowHead | undefined>
  writeHead(head: ShowHead): Promise<void>
  readEpochs(): Promise<EpochFacts[]>
  writeEpoch(facts: EpochFacts): Promise<void>
  /** Numbers of the blocks, ascending. */
  blocks(): Promise<number[]>
  readBlock(number: number): Promise<JournalBlock | undefined>
  writeBlock(number: number, block: JournalBlock): Promise<void>
}

/** The journal of one show, below `plane/recordings/<streamId>/`, which no origin serves. */
export function showJournal(objects: ObjectStore, streamId: string): ShowJournal {
  const root = `plane/recordings/${streamId}`
  const json = jsonObjects(objects)
  const numbered = (kind: string, number: number): string =>
    `${root}/${kind}-${String(number).padStart(DIGITS, '0')}.json`
  const put = async (key: string, value: unknown): Promise<void> => {
    const body = new TextEncoder().encode(JSON.stringify(value))
    await objects.put(key, body, { contentType: 'application/json', cacheControl: 'no-store' })
  }
  const keys = async (kind: string): Promise<string[]> => {
    const found: string[] = []
    for await (const { key } of objects.list(`${root}/${kind}-`)) found.push(key)
    return found
  }

  return {
    readHead: async () => (await json.read(`${root}/show.json`, showHead))?.value,
    writeHead: head => put(`${root}/show.json`, head),
    writeEpoch: facts => put(numbered('epoch', facts.epoch), facts),
    async readEpochs() {
      const epochs = await Promise.all((await keys('epoch')).map(key => json.read(key, epochFacts)))
      return epochs.flatMap(read => (read === undefined ? [] : [read.value]))
    },
    blocks: async () => (await keys('segments')).map(key => Number(/(\d+)\.json$/u.exec(key)?.[1])),
    readBlock: async number => (await json.read(numbered('segments', number), block))?.value,
    writeBlock: (number, value) => put(numbered('segments', number), value),
  }
}

/** All segments from `fromSeq` on, oldest first, one block in memory at a time. */
export async function* journaledSegments(journal: ShowJournal, fromSeq = 0): AsyncGenerator<SegmentFacts> {
  for (const number of await journal.blocks()) {
    if ((number + 1) * BLOCK_SEGMENTS <= fromSeq) continue
    for (const segment of (await journal.readBlock(number))?.segments ?? []) {
      if (segment.seq >= fromSeq) yield segment
    }
  }
}

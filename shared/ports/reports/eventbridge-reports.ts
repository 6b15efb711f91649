import {
  EventBridgeClient,
  type EventBridgeClientConfig,
  PutEventsCommand,
  type PutEventsRequestEntry,
  type PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge'
import type { ProviderEvent } from '#shared/domain/provider-event.ts'
import { reportedDetail } from '#shared/domain/reported-event.ts'
import type { Reports, ReportVerdict } from './reports.ts'

export type EventbridgeReportsOptions = {
  /** Whose default bus is told. */
  region: string
  /** The task's own role; an emulator takes any. */
  credentials: NonNullable<EventBridgeClientConfig['credentials']>
  /** An emulator's, e.g. `http://127.0.0.1:5000`. */
  endpoint?: string
}

/** Bounds of one `PutEvents` (Amazon EventBridge API Reference), in entries and in bytes of all of them. */
const ENTRIES_MAX = 10
const REQUEST_BYTES_MAX = 256 * 1_024
/** What EventBridge counts for an entry's time, in bytes. */
const TIME_BYTES = 14
/** Tries of one call; the one who tells tries again after these. */
const ATTEMPTS = 2
const CONNECT_MS_MAX = 2_000
const ANSWER_MS_MAX = 5_000
/** Codes of entries that would fail again; a source we may not use yet is a matter of grants, which can be mended. */
const NEVER_TAKEN = new Set(['MalformedDetail', 'InvalidArgument'])

/**
 * Reports to Amazon EventBridge, whose rules lead them on their way to our bus.
 *
 * EventBridge gives each entry an id of its own and keeps whole seconds; the event's id, instant and trace go in its
 * detail and are put back by `reportedEvent`. Entries that failed are `later`: EventBridge has taken the others.
 */
export function eventbridgeReports({ region, credentials, endpoint }: EventbridgeReportsOptions): Reports & Disposable {
  const client = new EventBridgeClient({
    region,
    credentials,
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts: ATTEMPTS,
    retryMode: 'standard',
    requestHandler: { connectionTimeout: CONNECT_MS_MAX, requestTimeout: ANSWER_MS_MAX },
  })
  const put = async (entries: readonly PutEventsRequestEntry[], abortSignal: AbortSignal) => {
    const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: [...entries] }), { abortSignal })
    return entries.map((_, index) => verdictOf(Entries[index]))
  }
  return {
    eventsMax: ENTRIES_MAX,
    async tell(events, { signal }) {
      const verdicts: ReportVerdict[] = []
      for (const group of requestsOf(events.map(entryOf))) {
        try {
          verdicts.push(...(group === 'too-large' ? ['refused' as const] : await put(group, signal)))
        } catch (error) {
          // What an earlier request of this call told must not be told again.
          if (!verdicts.includes('taken')) throw error
          break
        }
      }
      return events.map((_, index) => verdicts[index] ?? 'later')
    },
    [Symbol.dispose]: () => client.destroy(),
  }
}

function entryOf(event: ProviderEvent): PutEventsRequestEntry {
  return {
    Source: event.source,
    DetailType: event['detail-type'],
    Resources: [...event.resources],
    Time: new Date(event.time),
    Detail: JSON.stringify(reportedDetail(event)),
  }
}

/** Entries in as few requests as the bounds allow, in order; one that no request can hold stands alone. */
function requestsOf(entries: readonly PutEventsRequestEntry[]): (PutEventsRequestEntry[] | 'too-large')[] {
  const requests: (PutEventsRequestEntry[] | 'too-large')[] = []
  let room = 0
  for (const entry of entries) {
    const bytes = bytesOf(entry)
    const open = requests.at(-1)
    if (bytes > REQUEST_BYTES_MAX) requests.push('too-large')
    else if (Array.isArray(open) && open.length < ENTRIES_MAX && bytes <= room) {
      open.push(entry)
      room -= bytes
    } else {
      requests.push([entry])
      room = REQUEST_BYTES_MAX - bytes
    }
  }
  return requests
}

/** An entry's size as EventBridge counts it (Amazon EventBridge User Guide, "Calculating PutEvents event entry size"). */
function bytesOf({ Source = '', DetailType = '', Detail = '', Resources = [] }: PutEventsRequestEntry): number {
  const texts = [Source, DetailType, Detail, ...Resources]
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), TIME_BYTES)
}

/** An entry without an answer was not taken, as far as anybody knows. */
function verdictOf(answer: PutEventsResultEntry | undefined): ReportVerdict {
  if (answer?.EventId !== undefined) return 'taken'
  return NEVER_TAKEN.has(answer?.ErrorCode ?? '') ? 'refused' : 'later'
}

import type { ProviderEvent } from './provider-event.ts'

/** An event's detail with what EventBridge's own envelope does not carry: the id, the milliseconds and the trace. */
export function reportedDetail({ id, time, traceparent, detail }: ProviderEvent): ProviderEvent['detail'] {
  return { ...detail, report: { id, time, ...(traceparent === undefined ? {} : { traceparent }) } }
}

/** An event as the plane told it, whichever way it came: `reportedDetail` undone. Told twice, it has one id. */
export function reportedEvent(event: ProviderEvent): ProviderEvent {
  const { report, ...detail } = event.detail
  return { ...event, ...report, detail } as ProviderEvent
}

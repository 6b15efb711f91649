import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Attributes,
  context,
  isSpanContextValid,
  type Span,
  type SpanContext,
  SpanStatusCode,
  trace,
  TraceFlags,
} from '@opentelemetry/api'
import { pooledRandom } from './pooled-random.ts'

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/
const TRACE_ID_BYTES = 16
const SPAN_ID_BYTES = 8
const TRACER = 'showreel'
const NO_FIELDS = {}

/** The attribute that names a request; log lines carry it too. */
export const REQUEST_ID = 'request_id'

type Place = { fields: Readonly<Record<string, string>>; traceparent: string; span: SpanContext }

const places = new AsyncLocalStorage<Place>()

/** The W3C trace context of what runs now; undefined outside `inTrace`. */
export function currentTraceparent(): string | undefined {
  return places.getStore()?.traceparent
}

/** What every log line written now says of its origin: `trace_id`, and `request_id` within a request. */
export function currentTraceFields(): Readonly<Record<string, string>> {
  return places.getStore()?.fields ?? NO_FIELDS
}

let recording = false

/** Turns the recording of spans on; the trace goes on either way. */
export function recordSpans(on: boolean): void {
  recording = on
}

/**
 * Runs `fn` in a span that continues `traceparent`, or the current trace, or begins one.
 *
 * The span is recorded where telemetry is on; the trace itself goes on everywhere, so an event carries the trace of the
 * request that caused it even in a process that records nothing. An unreadable `traceparent` begins a new trace
 * (W3C Trace Context 3.2.2.3).
 */
export function inTrace<Result>(
  traceparent: string | undefined,
  name: string,
  attributes: Attributes,
  fn: () => Result,
): Result {
  const parent = parseTraceparent(traceparent) ?? places.getStore()?.span
  return recording ? inSpan(parent, name, attributes, fn) : places.run(placeOf(childOf(parent), attributes), fn)
}

function inSpan<Result>(
  parent: SpanContext | undefined,
  name: string,
  attributes: Attributes,
  fn: () => Result,
): Result {
  const parentContext = parent === undefined ? context.active() : trace.setSpanContext(context.active(), parent)
  const span = trace.getTracer(TRACER).startSpan(name, { attributes }, parentContext)
  const place = placeOf(span.isRecording() ? span.spanContext() : childOf(parent), attributes)
  return places.run(place, () =>
    context.with(trace.setSpan(parentContext, span), () => {
      let result: Result
      try {
        result = fn()
      } catch (error) {
        endFailed(span, error)
        throw error
      }
      if (!(result instanceof Promise)) {
        span.end()
        return result
      }
      return result.then(
        (value: unknown) => {
          span.end()
          return value
        },
        (error: unknown) => {
          endFailed(span, error)
          throw error
        },
      ) as Result
    }),
  )
}

function placeOf(span: SpanContext, attributes: Attributes): Place {
  const requestId = attributes[REQUEST_ID] ?? places.getStore()?.fields[REQUEST_ID]
  return {
    fields:
      requestId === undefined
        ? { trace_id: span.traceId }
        : { trace_id: span.traceId, [REQUEST_ID]: String(requestId) },
    traceparent: formatTraceparent(span),
    span,
  }
}

function endFailed(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' })
  span.end()
}

function parseTraceparent(text: string | undefined): SpanContext | undefined {
  const match = text === undefined ? null : TRACEPARENT.exec(text)
  if (match === null) return undefined
  const [, traceId = '', spanId = '', flags = '00'] = match
  const parsed: SpanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
  return isSpanContextValid(parsed) ? parsed : undefined
}

function childOf(parent: SpanContext | undefined): SpanContext {
  return {
    traceId: parent?.traceId ?? Buffer.from(pooledRandom(TRACE_ID_BYTES)).toString('hex'),
    spanId: Buffer.from(pooledRandom(SPAN_ID_BYTES)).toString('hex'),
    traceFlags: parent?.traceFlags ?? TraceFlags.NONE,
  }
}

function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}

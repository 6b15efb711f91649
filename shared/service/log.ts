import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino'
import { currentTraceFields } from './trace.ts'

/** Structured log: one JSON line a fact, with the trace and the request it belongs to. */
export type Log = Logger

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

/** Fields that may hold a secret, at the first and second level of a line. */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'secret',
  'stream_key',
  'streamKey',
  'token',
  'bearer',
  'password',
  'key',
]
const REDACTED = SECRET_FIELDS.flatMap(field => [field, `*.${field}`])
/** Longest error message in a line, in characters; an engine's errors may carry kilobytes of source. */
const ERROR_CHARACTERS_MAX = 2_000

/** A log of one service; secrets are blotted out and every line names the trace and the request it was written in. */
export function createLog(options: { service: string; level?: LogLevel; destination?: DestinationStream }): Log {
  const settings = {
    level: options.level ?? 'info',
    base: { service: options.service },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: REDACTED, censor: '[redacted]' },
    mixin: () => ({ ...currentTraceFields() }),
    serializers: { err: (error: Error) => bounded(stdSerializers.err(error)) },
  }
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination)
}

function bounded<Serialized extends { message?: string; stack?: string }>(error: Serialized): Serialized {
  return {
    ...error,
    message: error.message?.slice(0, ERROR_CHARACTERS_MAX),
    stack: error.stack?.slice(0, ERROR_CHARACTERS_MAX),
  }
}

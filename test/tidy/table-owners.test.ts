import { expect, test } from 'vitest'
import { sourceFiles } from './source-files.ts'

/** Tables that every service writes: through shared/service, and playback ids for what it owns itself. */
const COMMON = new Set([
  'playback_ids',
  'jobs',
  'domain_events',
  'event_sequences',
  'inbox',
  'idempotency_keys',
  'feed_checkpoints',
])
const WRITES = /\.(?:insertInto|updateTable|deleteFrom)\('(?<table>\w+)'\)/gu
const SERVICE = /^run-services\/(?<service>[\w-]+)\//u

test('a table is written by one service', () => {
  const writers = new Map<string, Set<string>>()
  for (const { path, text } of sourceFiles()) {
    const service = SERVICE.exec(path)?.groups?.['service']
    if (service === undefined || path.endsWith('.test.ts')) continue
    for (const { groups } of text.matchAll(WRITES)) {
      const table = groups?.['table'] ?? ''
      if (!COMMON.has(table)) writers.set(table, new Set([...(writers.get(table) ?? []), service]))
    }
  }
  expect(writers.size).toBeGreaterThan(5)
  for (const [table, services] of writers) expect([...services], table).toHaveLength(1)
})

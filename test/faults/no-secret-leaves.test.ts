import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROUTE_POLICY } from '#shared/domain/route-policy.ts'
import { clipClient } from '../helpers/clip-client.ts'
import { creatorClient } from '../helpers/creator-client.ts'
import { markedShow } from '../helpers/marked-show.ts'
import { type Platform, startPlatform } from '../helpers/platform.ts'

const SHOW_S = 4
/** What a row has and nobody may write from outside. */
const PROTECTED = [
  'id',
  'creator_id',
  'owner_id',
  'requested_by',
  'state',
  'version',
  'feed_rank',
  'published_at',
  'needs_review',
  'playback_id',
  'provider_ref',
  'score',
  'created_at',
  'updated_at',
  'roles',
  '__proto__',
  'constructor',
]

/** Key material of the platform, in every form it might be written in. */
function secretsOf(platform: Platform): string[] {
  const folder = join(platform.dataDir, 'secrets')
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isFile())
    .flatMap(({ name }) => {
      const bytes = readFileSync(join(folder, name))
      return [bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')]
    })
    .filter(text => text.length >= 16)
}

test('S3: no write takes a field that is not its own, and no answer or log line has a secret', async () => {
  await using platform = await startPlatform({ env: { LOG_LEVEL: 'debug' } })
  const alice = await creatorClient(platform)
  const stream = await markedShow(platform, alice, SHOW_S)
  const channel = await alice.createChannel({ title: 'Secrets' })
  const vera = await clipClient(platform)
  const clip = await vera.clip({ stream_id: stream.id, start_ms: 0, end_ms: 1_000 })
  const tokens = await Promise.all([platform.token('alice'), platform.token('vera', ['viewer']), platform.token('eve')])
  const ids: Record<string, string> = { channels: channel.id, streams: stream.id, clips: clip.id }
  const bodies: string[] = []
  const send = async (method: string, path: string, token: string, body?: unknown) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const text = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(`${platform.apiUrl}${path}`, { method, headers, ...text })
    const answer = (response.headers.get('content-type') ?? '').includes('event-stream') ? '' : await response.text()
    bodies.push(answer)
    return { status: response.status, answer }
  }
  const pathOf = (route: string) =>
    route
      .replace(/\/v1\/(\w[\w-]*)\/:id/u, (_, kind: string) => `/v1/${kind}/${ids[kind] ?? 'none'}`)
      .replace(/:(\w+)$/u, 'none')

  for (const [route, policy] of Object.entries(ROUTE_POLICY)) {
    const [method = '', template = ''] = route.split(' ')
    if (!template.startsWith('/v1/') || template.endsWith('/events')) continue
    const path = pathOf(template)
    if (method === 'GET') for (const token of tokens) await send('GET', path, token)
    if (method !== 'PATCH') continue
    expect(policy.allow).not.toBe('public')
    for (const field of PROTECTED) {
      const body = JSON.parse(`{"${field}": "mine"}`) as unknown
      const { status, answer } = await send('PATCH', path, tokens[0], body)
      expect([400, 422], `${route} with ${field}: ${answer}`).toContain(status)
    }
  }
  expect(bodies.length).toBeGreaterThan(60)
  expect(await vera.get(clip.id)).toMatchObject({ title: clip.title, origin: 'person', score: null })

  const secrets = [...secretsOf(platform), ...tokens, channel.stream_key.secret]
  expect(secrets.length).toBeGreaterThan(6)
  const log = platform.log()
  for (const secret of secrets) {
    expect(bodies.find(body => body.includes(secret))).toBeUndefined()
    expect(log.split('\n').find(line => line.includes(secret))).toBeUndefined()
  }
})

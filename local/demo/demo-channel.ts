import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ChannelsApi } from '#run-services/channels/contract.ts'
import { demoCall as call } from './demo-call.ts'

const CREATOR_NAME = 'Blender Foundation'
const TITLE = 'Big Buck Bunny, all day long'

type CreatedChannel = ChannelsApi['POST /v1/channels']['answer']
type CreatedKey = ChannelsApi['POST /v1/channels/{id}/stream-keys']['answer']

/**
 * Where the demo show is published, stream key included. Like any creator the demo has a channel and a key of its own;
 * the key is kept in `file` because it is told once, and a new one is made when the file is gone.
 */
export async function demoChannel(controlUrl: URL, file: string): Promise<string> {
  const { data } = await call<ChannelsApi['GET /v1/channels']['answer']>(controlUrl, 'GET', '/v1/channels')
  const known = data.find(({ title }) => title === TITLE)
  const kept = await readFile(file, 'utf8').catch(() => undefined)
  if (known?.ingest?.rtmp_url !== undefined && kept !== undefined) return `${known.ingest.rtmp_url}/${kept}`

  await call(controlUrl, 'PATCH', '/v1/me', { display_name: CREATOR_NAME })
  const channel =
    known ??
    (await call<CreatedChannel>(controlUrl, 'POST', '/v1/channels', {
      title: TITLE,
      dvr_window_s: 1800,
      renditions_max: 2,
    }))
  const secret =
    'stream_key' in channel
      ? (channel as CreatedChannel).stream_key.secret
      : (await call<CreatedKey>(controlUrl, 'POST', `/v1/channels/${channel.id}/stream-keys`, { label: 'demo' })).secret
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, secret, { mode: 0o600 })
  if (channel.ingest?.rtmp_url === undefined) throw new Error('The media plane offers no RTMP door.')
  return `${channel.ingest.rtmp_url}/${secret}`
}

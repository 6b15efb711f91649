import { createHash } from 'node:crypto'
import {
  CreateStreamKeyCommand,
  DeleteStreamKeyCommand,
  GetStreamKeyCommand,
  type IvsClient,
  paginateListStreamKeys,
  type StreamKeySummary,
} from '@aws-sdk/client-ivs'
import { everyPage, ifThere, ivsCall } from './ivs-call.ts'
import type { CreatedStreamKey } from './live-channels.ts'

/** The token's hash: by it a repeated request finds the key that its first run made. */
const TOKEN_TAG = 'showreel-token'
const KEY_ARN = /^arn:aws[a-z-]*:ivs:[a-z0-9-]+:\d+:stream-key\/[A-Za-z0-9]+$/

/**
 * The key of that token. A channel of IVS has one key, and a new channel comes with one that nobody asked for: any other
 * key goes first. `replaced` says that a key went on which a session may be running.
 */
export async function findOrCreateKey(
  client: IvsClient,
  channelArn: string,
  token: string,
): Promise<CreatedStreamKey & { replaced: boolean }> {
  const hash = createHash('sha256').update(token).digest('hex')
  const keys = await keysOf(client, channelArn)
  const known = keys.find(({ tags }) => tags?.[TOKEN_TAG] === hash)
  if (known !== undefined) {
    const { streamKey } = await ivsCall(options => client.send(new GetStreamKeyCommand({ arn: known.arn }), options))
    return { keyRef: known.arn ?? '', secret: streamKey?.value ?? '', replaced: false }
  }
  for (const { arn } of keys) await removeKey(client, arn ?? '')
  const tags = { [TOKEN_TAG]: hash }
  const { streamKey } = await ivsCall(options => client.send(new CreateStreamKeyCommand({ channelArn, tags }), options))
  const replaced = keys.some(key => key.tags?.[TOKEN_TAG] !== undefined)
  return { keyRef: streamKey?.arn ?? '', secret: streamKey?.value ?? '', replaced }
}

/** Whether there was such a key. */
export async function removeKey(client: IvsClient, arn: string): Promise<boolean> {
  if (!KEY_ARN.test(arn)) return false
  const gone = await ifThere(
    ivsCall(async options => {
      await client.send(new DeleteStreamKeyCommand({ arn }), options)
      return true
    }),
  )
  return gone ?? false
}

/** Ends every key of the channel. */
export async function removeKeys(client: IvsClient, channelArn: string): Promise<void> {
  for (const { arn } of await keysOf(client, channelArn)) await removeKey(client, arn ?? '')
}

async function keysOf(client: IvsClient, channelArn: string): Promise<StreamKeySummary[]> {
  return await everyPage(
    options => paginateListStreamKeys({ client }, { channelArn }, options),
    ({ streamKeys }) => streamKeys,
  )
}

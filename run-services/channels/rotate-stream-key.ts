import { move, type StateMachine } from '#shared/domain/state-machine.ts'
import type { ChannelRow } from './channel-queries.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { createStreamKey } from './create-stream-key.ts'
import { endStreamKey, knownStreamKey, settleStreamKey } from './end-stream-key.ts'
import { presentStreamKey } from './present-stream-key.ts'
import type { CreatedStreamKeyAnswer } from './stream-key-answer.ts'

const KEY_MOVES = {
  active: ['retiring', 'revoked'],
  retiring: ['revoked'],
  revoked: [],
} as const satisfies StateMachine<string>
const MS_PER_S = 1000

/**
 * Replaces a key: the new one works at once, the old one until `graceS` is over, when a session that runs on it ends
 * within five seconds. Throws `state.illegal` for a key that ends already.
 */
export async function rotateStreamKey(
  deps: ChannelsDeps,
  channel: ChannelRow,
  keyId: string,
  graceS: number,
  retryToken: string | undefined,
): Promise<CreatedStreamKeyAnswer> {
  const old = await knownStreamKey(deps.database, channel, keyId)
  const { state } = presentStreamKey(old, deps.now())
  // A repeated request finds the old key ended by its first run.
  if (retryToken === undefined || state === 'active')
    move<keyof typeof KEY_MOVES>(KEY_MOVES, 'stream key', state, 'retiring')
  const made = await createStreamKey(deps, channel, { label: old.label ?? undefined }, retryToken)
  const ended = await deps.database.transaction(async tx => {
    const key = await knownStreamKey(tx, channel, keyId)
    return key.state === 'active' ? endStreamKey(tx, key, deps.now() + graceS * MS_PER_S, deps.now()) : key
  })
  try {
    await settleStreamKey(deps, channel.provider_ref, ended)
  } catch (error) {
    deps.log.warn(
      { err: error, channel_id: channel.channel_id, key_id: keyId },
      'the plane will hear of a rotated key later',
    )
  }
  return made
}

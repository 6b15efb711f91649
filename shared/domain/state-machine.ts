import { Refusal } from './refusal.ts'

/** The legal moves of a thing: for every state, the states it may go to. A state without moves is final. */
export type StateMachine<State extends string> = Readonly<Record<State, readonly State[]>>

/** Whether the machine allows that move. */
export function mayMove<State extends string>(machine: StateMachine<State>, from: State, to: State): boolean {
  return machine[from].includes(to)
}

/** The state after the move; throws the refusal `state.illegal` that lists the legal ones. */
export function move<State extends string>(machine: StateMachine<State>, noun: string, from: State, to: State): State {
  if (mayMove(machine, from, to)) return to
  const legal = machine[from]
  throw new Refusal('state.illegal', {
    detail: `A ${noun} that is ${from} cannot become ${to}; it may become ${legal.join(' or ') || 'nothing else'}.`,
    extra: { state: from, legal_moves: legal },
  })
}

export const CHANNEL_MOVES = {
  idle: ['live', 'disabled'],
  live: ['idle', 'disabled'],
  disabled: ['idle'],
} as const satisfies StateMachine<string>
export type ChannelState = keyof typeof CHANNEL_MOVES

export const STREAM_MOVES = {
  connecting: ['live', 'ended', 'failed'],
  live: ['reconnecting', 'ended', 'failed'],
  reconnecting: ['live', 'ended', 'failed'],
  ended: ['archiving', 'archived', 'failed'],
  archiving: ['archived', 'failed'],
  archived: [],
  failed: [],
} as const satisfies StateMachine<string>
export type StreamState = keyof typeof STREAM_MOVES

/** `playable` shows the instant cut; from `ready` on the rendered files stand behind the same link. */
export const CLIP_MOVES = {
  requested: ['playable', 'failed', 'deleted'],
  playable: ['rendering', 'failed', 'deleted'],
  // Back to playable when the render was given up: the instant cut still plays.
  rendering: ['in_review', 'ready', 'playable', 'deleted'],
  // Back to playable when its range or crop is changed: it is rendered anew.
  in_review: ['ready', 'rejected', 'playable', 'deleted'],
  // To review when somebody asks for it after the render.
  ready: ['published', 'in_review', 'playable', 'deleted'],
  published: ['unpublished', 'deleted'],
  unpublished: ['published', 'deleted'],
  rejected: ['deleted'],
  failed: ['deleted'],
  deleted: [],
} as const satisfies StateMachine<string>
export type ClipState = keyof typeof CLIP_MOVES

export const JOB_MOVES = {
  ready: ['leased', 'dead'],
  leased: ['done', 'ready', 'dead'],
  done: [],
  dead: ['ready'],
} as const satisfies StateMachine<string>
export type JobState = keyof typeof JOB_MOVES

import { tagWith } from './attribute-list.ts'

export type ServerControl = {
  /** Longest segment of the playlist, whole seconds. */
  targetDurationS: number
  /** Longest part; `undefined` without parts. */
  partTargetS: number | undefined
  /** Whether delta updates are answered. */
  canSkip: boolean
}

/** A player stays this many part targets behind the edge; the least RFC 8216bis 4.4.3.8 allows for PART-HOLD-BACK is two. */
const PART_HOLD_BACK_TARGETS = 3
/** Likewise in target durations for HOLD-BACK, whose least is three. */
const HOLD_BACK_TARGETS = 3
/** Segments further from the edge may be skipped; the least allowed for CAN-SKIP-UNTIL is six target durations. */
const SKIP_TARGETS = 6

/** The skip boundary in seconds before the end of the playlist. */
export function skipUntilS(targetDurationS: number): number {
  return SKIP_TARGETS * targetDurationS
}

/**
 * EXT-X-SERVER-CONTROL (RFC 8216bis 4.4.3.8): CAN-BLOCK-RELOAD, CAN-SKIP-UNTIL, HOLD-BACK, and PART-HOLD-BACK (required
 * where the playlist has parts).
 */
export function serverControlTag(control: ServerControl): string {
  return tagWith('EXT-X-SERVER-CONTROL', {
    'CAN-BLOCK-RELOAD': 'YES',
    'CAN-SKIP-UNTIL': control.canSkip ? skipUntilS(control.targetDurationS) : undefined,
    'HOLD-BACK': HOLD_BACK_TARGETS * control.targetDurationS,
    'PART-HOLD-BACK': control.partTargetS === undefined ? undefined : PART_HOLD_BACK_TARGETS * control.partTargetS,
  })
}

/** One FLV tag (Adobe FLV 10.1, E.4.1): what RTMP carries in one audio, video or data message. */
export type FlvTag = {
  kind: 'audio' | 'video' | 'script'
  /** Milliseconds, 32 bits, wraps. */
  timestampMs: number
  body: Uint8Array
}

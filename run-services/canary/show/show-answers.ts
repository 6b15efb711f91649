/** Of the answers of other services, what a synthetic show reads. */
export type ChannelAnswer = { id: string; title: string; ingest?: { rtmp_url?: string } }
export type CreatedKey = { id: string; secret: string }
export type StreamAnswer = { id: string; state: string; playback: { hls_url: string } }
export type LedgerAnswer = { stored: number }
export type ClipAnswer = {
  id: string
  state: string
  reason: string | null
  playback: { mp4_url: string } | null
  files: { name: string }[]
}
export type FeedAnswer = { data: { id: string }[] }

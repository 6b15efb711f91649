import type { ChannelsApi } from '#run-services/channels/contract.ts'
import type { ClipsApi } from '#run-services/clips/contract.ts'
import type { FeedApi } from '#run-services/feed/contract.ts'
import type { JobsApi } from '#shared/service/job-pages.ts'

/** Every call the pages make, by method and path, as the services' contracts say it. */
export type ApiRoutes = ChannelsApi &
  ClipsApi &
  FeedApi &
  JobsApi & {
    /** Only where the machine has an embedded issuer. */
    'POST /dev/token': { body: { sub: string; roles: string[] }; answer: { token: string } }
  }

export type ApiKey = keyof ApiRoutes

export type Stream = ChannelsApi['GET /v1/streams/{id}']['answer']
export type Channel = ChannelsApi['GET /v1/channels/{id}']['answer']
export type StreamKey = ChannelsApi['POST /v1/channels/{id}/stream-keys']['answer']
export type Marker = ChannelsApi['POST /v1/streams/{id}/markers']['answer']
export type Health = ChannelsApi['GET /v1/streams/{id}/health']['answer']
export type HealthSample = Health['recent'][number]
export type TimelineItem = ChannelsApi['GET /v1/streams/{id}/timeline']['answer']['data'][number]
export type Clip = ClipsApi['GET /v1/clips/{id}']['answer']
export type QueuedClip = ClipsApi['POST /v1/clips/{id}/reviews']['answer']
export type Simulation = ClipsApi['POST /v1/clip-rules:simulate']['answer']
export type FeedItem = FeedApi['GET /v1/feed']['answer']['data'][number]
export type Job = JobsApi['GET /v1/jobs/{id}']['answer']

import { createRoute, z } from '@hono/zod-openapi'
import { type Page, pageOf, pageQuery } from '#shared/service/page-cursor.ts'
import { answer as ok, byId, idParam, jsonBody as body } from '#shared/service/answer-parts.ts'
import { creatorAnswer, patchMeBody, type CreatorAnswer, type PatchMeBody } from './creator-answer.ts'
import {
  channelAnswer,
  createChannelBody,
  createdChannelAnswer,
  patchChannelBody,
  type ChannelAnswer,
  type CreateChannelBody,
  type CreatedChannelAnswer,
  type PatchChannelBody,
} from './channel-answer.ts'
import {
  createdStreamKeyAnswer,
  createStreamKeyBody,
  rotateStreamKeyBody,
  streamKeyAnswer,
  type CreatedStreamKeyAnswer,
  type CreateStreamKeyBody,
  type RotateStreamKeyBody,
  type StreamKeyAnswer,
} from './stream-key-answer.ts'
import { createPlaybackTokenBody, playbackTokenAnswer } from './playback-token-answer.ts'
import {
  addMarkerBody,
  cueAnswer,
  markerAnswer,
  sendCueBody,
  streamAnswer,
  streamHealthAnswer,
  streamLedgerAnswer,
  streamsQuery,
  timelineItem,
  type AddMarkerBody,
  type CueAnswer,
  type MarkerAnswer,
  type SendCueBody,
  type StreamAnswer,
  type StreamHealthAnswer,
  type StreamLedgerAnswer,
  type StreamsQuery,
  type TimelineItem,
} from './stream-answer.ts'

const byKey = z.strictObject({ id: idParam('id'), key: idParam('key') })

/** Every public route of the service: server, OpenAPI document and typed client come from here. */
export const channelsContract = {
  getMe: createRoute({
    method: 'get',
    path: '/v1/me',
    responses: { 200: ok(creatorAnswer, 'The creator behind the token, made on first use') },
  }),
  patchMe: createRoute({
    method: 'patch',
    path: '/v1/me',
    request: { body: body(patchMeBody) },
    responses: { 200: ok(creatorAnswer, 'The creator as it is now') },
  }),
  createChannel: createRoute({
    method: 'post',
    path: '/v1/channels',
    request: { body: body(createChannelBody) },
    responses: { 201: ok(createdChannelAnswer, 'The channel and its first stream key, told once') },
  }),
  listChannels: createRoute({
    method: 'get',
    path: '/v1/channels',
    request: { query: pageQuery },
    responses: { 200: ok(pageOf(channelAnswer), 'Your channels, oldest first') },
  }),
  getChannel: createRoute({
    method: 'get',
    path: '/v1/channels/{id}',
    request: { params: byId },
    responses: { 200: ok(channelAnswer, 'The channel') },
  }),
  patchChannel: createRoute({
    method: 'patch',
    path: '/v1/channels/{id}',
    request: { params: byId, body: body(patchChannelBody) },
    responses: { 200: ok(channelAnswer, 'The channel as it is now') },
  }),
  createStreamKey: createRoute({
    method: 'post',
    path: '/v1/channels/{id}/stream-keys',
    request: { params: byId, body: body(createStreamKeyBody) },
    responses: { 201: ok(createdStreamKeyAnswer, 'The key and its secret, told once') },
  }),
  listStreamKeys: createRoute({
    method: 'get',
    path: '/v1/channels/{id}/stream-keys',
    request: { params: byId, query: pageQuery },
    responses: { 200: ok(pageOf(streamKeyAnswer), 'The keys of the channel, without secrets') },
  }),
  rotateStreamKey: createRoute({
    method: 'post',
    path: '/v1/channels/{id}/stream-keys/{key}/rotate',
    request: { params: byKey, body: body(rotateStreamKeyBody) },
    responses: { 201: ok(createdStreamKeyAnswer, 'The key that replaces it; the old one works until its grace ends') },
  }),
  deleteStreamKey: createRoute({
    method: 'delete',
    path: '/v1/channels/{id}/stream-keys/{key}',
    request: { params: byKey },
    responses: { 204: { description: 'The key no longer works' } },
  }),
  listStreams: createRoute({
    method: 'get',
    path: '/v1/streams',
    request: { query: pageQuery.extend(streamsQuery.shape) },
    responses: { 200: ok(pageOf(streamAnswer), 'Shows, newest first') },
  }),
  getStream: createRoute({
    method: 'get',
    path: '/v1/streams/{id}',
    request: { params: byId },
    responses: { 200: ok(streamAnswer, 'The show') },
  }),
  completeStream: createRoute({
    method: 'put',
    path: '/v1/streams/{id}/complete',
    request: { params: byId },
    responses: { 200: ok(streamAnswer, 'The show, ended') },
  }),
  getStreamHealth: createRoute({
    method: 'get',
    path: '/v1/streams/{id}/health',
    request: { params: byId },
    responses: { 200: ok(streamHealthAnswer, 'How the encoder side feels') },
  }),
  getStreamLedger: createRoute({
    method: 'get',
    path: '/v1/streams/{id}/ledger',
    request: { params: byId },
    responses: { 200: ok(streamLedgerAnswer, 'Segments produced, stored and indexed') },
  }),
  getStreamTimeline: createRoute({
    method: 'get',
    path: '/v1/streams/{id}/timeline',
    request: { params: byId, query: pageQuery },
    responses: { 200: ok(pageOf(timelineItem), 'Events of the show, oldest first') },
  }),
  sendCue: createRoute({
    method: 'post',
    path: '/v1/streams/{id}/cues',
    request: { params: byId, body: body(sendCueBody) },
    responses: {
      201: ok(
        cueAnswer,
        'The cue, placed at the live edge; on Amazon IVS players get cues over 5 a second as one `{"cues":[…]}`',
      ),
    },
  }),
  createPlaybackToken: createRoute({
    method: 'post',
    path: '/v1/playback-tokens',
    request: { body: body(createPlaybackTokenBody) },
    responses: { 201: ok(playbackTokenAnswer, 'A URL that plays one playback id of the caller until it ends') },
  }),
  addMarker: createRoute({
    method: 'post',
    path: '/v1/streams/{id}/markers',
    request: { params: byId, body: body(addMarkerBody) },
    responses: { 201: ok(markerAnswer, 'The marker') },
  }),
  listMarkers: createRoute({
    method: 'get',
    path: '/v1/streams/{id}/markers',
    request: { params: byId, query: pageQuery },
    responses: { 200: ok(pageOf(markerAnswer), 'Markers by their place in the show') },
  }),
} as const

type PageParams = { limit?: number; cursor?: string }
type ById = { id: string }
type ByKey = { id: string; key: string }

/** What a page calls, by `METHOD /path`: path parameters, query, body and answer. */
export type ChannelsApi = {
  'GET /v1/me': { answer: CreatorAnswer }
  'PATCH /v1/me': { body: PatchMeBody; answer: CreatorAnswer }
  'POST /v1/channels': { body: CreateChannelBody; answer: CreatedChannelAnswer }
  'GET /v1/channels': { query?: PageParams; answer: Page<ChannelAnswer> }
  'GET /v1/channels/{id}': { params: ById; answer: ChannelAnswer }
  'PATCH /v1/channels/{id}': { params: ById; body: PatchChannelBody; answer: ChannelAnswer }
  'POST /v1/channels/{id}/stream-keys': { params: ById; body: CreateStreamKeyBody; answer: CreatedStreamKeyAnswer }
  'GET /v1/channels/{id}/stream-keys': { params: ById; query?: PageParams; answer: Page<StreamKeyAnswer> }
  'POST /v1/channels/{id}/stream-keys/{key}/rotate': {
    params: ByKey
    body: RotateStreamKeyBody
    answer: CreatedStreamKeyAnswer
  }
  'DELETE /v1/channels/{id}/stream-keys/{key}': { params: ByKey; answer: undefined }
  'GET /v1/streams': { query?: PageParams & StreamsQuery; answer: Page<StreamAnswer> }
  'GET /v1/streams/{id}': { params: ById; answer: StreamAnswer }
  'PUT /v1/streams/{id}/complete': { params: ById; answer: StreamAnswer }
  'GET /v1/streams/{id}/health': { params: ById; answer: StreamHealthAnswer }
  'GET /v1/streams/{id}/ledger': { params: ById; answer: StreamLedgerAnswer }
  'GET /v1/streams/{id}/timeline': { params: ById; query?: PageParams; answer: Page<TimelineItem> }
  'POST /v1/streams/{id}/cues': { params: ById; body: SendCueBody; answer: CueAnswer }
  'POST /v1/streams/{id}/markers': { params: ById; body: AddMarkerBody; answer: MarkerAnswer }
  'GET /v1/streams/{id}/markers': { params: ById; query?: PageParams; answer: Page<MarkerAnswer> }
}

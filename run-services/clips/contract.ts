import { createRoute, z } from '@hono/zod-openapi'
import { answer, byId, jsonBody } from '#shared/service/answer-parts.ts'
import { type Page, pageOf, pageQuery } from '#shared/service/page-cursor.ts'
import {
  clipAnswer,
  clipExplanation,
  clipsQuery,
  createClipBody,
  patchClipBody,
  type ClipAnswer,
  type ClipExplanation,
  type ClipsQuery,
  type CreateClipBody,
  type PatchClipBody,
} from './clip-answer.ts'
import { queuedClip, reviewBody, type QueuedClip, type ReviewBody } from './review-answer.ts'
import {
  clipRules,
  rulesAnswer,
  simulateBody,
  simulation,
  type ClipRules,
  type RulesAnswer,
  type SimulateBody,
  type Simulation,
} from './rules-answer.ts'

/** Every public route of the service: server, OpenAPI document and typed client come from here. */
export const clipsContract = {
  createClip: createRoute({
    method: 'post',
    path: '/v1/clips',
    request: { body: jsonBody(createClipBody) },
    responses: {
      201: answer(clipAnswer, 'The clip; it plays already, or is `requested` where its media is still to come'),
    },
  }),
  listClips: createRoute({
    method: 'get',
    path: '/v1/clips',
    request: { query: pageQuery.extend(clipsQuery.shape) },
    responses: { 200: answer(pageOf(clipAnswer), 'Clips, newest first') },
  }),
  getClip: createRoute({
    method: 'get',
    path: '/v1/clips/{id}',
    request: { params: byId },
    responses: { 200: answer(clipAnswer, 'The clip') },
  }),
  patchClip: createRoute({
    method: 'patch',
    path: '/v1/clips/{id}',
    request: { params: byId, body: jsonBody(patchClipBody) },
    responses: { 200: answer(clipAnswer, 'The clip as it is now') },
  }),
  deleteClip: createRoute({
    method: 'delete',
    path: '/v1/clips/{id}',
    request: { params: byId },
    responses: { 204: { description: 'The clip is gone; its files follow' } },
  }),
  explainClip: createRoute({
    method: 'get',
    path: '/v1/clips/{id}/explain',
    request: { params: byId },
    responses: { 200: answer(clipExplanation, 'Why it exists and where it stands') },
  }),
  followClip: createRoute({
    method: 'get',
    path: '/v1/clips/{id}/events',
    request: { params: byId },
    responses: {
      200: {
        description:
          'Server-sent events `clip`, each the whole clip, whenever it changes; ends when nothing is under way',
        content: { 'text/event-stream': { schema: z.string() } },
      },
    },
  }),
  publishClip: createRoute({
    method: 'post',
    path: '/v1/clips/{id}/publish',
    request: { params: byId },
    responses: { 200: answer(clipAnswer, 'The clip, in the feed') },
  }),
  unpublishClip: createRoute({
    method: 'post',
    path: '/v1/clips/{id}/unpublish',
    request: { params: byId },
    responses: { 200: answer(clipAnswer, 'The clip, out of the feed') },
  }),
  listReviewQueue: createRoute({
    method: 'get',
    path: '/v1/review-queue',
    request: { query: pageQuery },
    responses: { 200: answer(pageOf(queuedClip), 'Clips that wait for a person, longest waiting first') },
  }),
  reviewClip: createRoute({
    method: 'post',
    path: '/v1/clips/{id}/reviews',
    request: { params: byId, body: jsonBody(reviewBody) },
    responses: { 201: answer(queuedClip, 'The clip with its reviews') },
  }),
  getRules: createRoute({
    method: 'get',
    path: '/v1/clip-rules',
    responses: { 200: answer(rulesAnswer, 'Your rules, or the ones everyone begins with') },
  }),
  putRules: createRoute({
    method: 'put',
    path: '/v1/clip-rules',
    request: { body: jsonBody(clipRules) },
    responses: { 200: answer(rulesAnswer, 'Your rules as they are now') },
  }),
  simulateRules: createRoute({
    method: 'post',
    path: '/v1/clip-rules:simulate',
    request: { body: jsonBody(simulateBody) },
    responses: { 200: answer(simulation, 'What the rules pick of that show') },
  }),
} as const

type PageParams = { limit?: number; cursor?: string }
type ById = { id: string }

/** What a page calls, by `METHOD /path`: path parameters, query, body and answer. */
export type ClipsApi = {
  'POST /v1/clips': { body: CreateClipBody; answer: ClipAnswer }
  'GET /v1/clips': { query?: PageParams & ClipsQuery; answer: Page<ClipAnswer> }
  'GET /v1/clips/{id}': { params: ById; answer: ClipAnswer }
  'PATCH /v1/clips/{id}': { params: ById; body: PatchClipBody; answer: ClipAnswer }
  'DELETE /v1/clips/{id}': { params: ById; answer: undefined }
  'GET /v1/clips/{id}/explain': { params: ById; answer: ClipExplanation }
  'POST /v1/clips/{id}/publish': { params: ById; answer: ClipAnswer }
  'POST /v1/clips/{id}/unpublish': { params: ById; answer: ClipAnswer }
  'GET /v1/review-queue': { query?: PageParams; answer: Page<QueuedClip> }
  'POST /v1/clips/{id}/reviews': { params: ById; body: ReviewBody; answer: QueuedClip }
  'GET /v1/clip-rules': { answer: RulesAnswer }
  'PUT /v1/clip-rules': { body: ClipRules; answer: RulesAnswer }
  'POST /v1/clip-rules:simulate': { body: SimulateBody; answer: Simulation }
}

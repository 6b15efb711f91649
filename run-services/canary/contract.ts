import { createRoute } from '@hono/zod-openapi'
import { answer, byId, jsonBody } from '#shared/service/answer-parts.ts'
import { type Page, pageOf, pageQuery } from '#shared/service/page-cursor.ts'
import {
  canariesQuery,
  canaryAnswer,
  endCanaryBody,
  startCanaryBody,
  type CanaryAnswer,
  type EndCanaryBody,
  type StartCanaryBody,
} from './canary-answer.ts'

/** Every public route of the service: server, OpenAPI document and typed client come from here. */
export const canaryContract = {
  listCanaries: createRoute({
    method: 'get',
    path: '/v1/canaries',
    request: { query: pageQuery.extend(canariesQuery.shape) },
    responses: { 200: answer(pageOf(canaryAnswer), 'Synthetic shows, newest first') },
  }),
  startCanary: createRoute({
    method: 'post',
    path: '/v1/canaries',
    request: { body: jsonBody(startCanaryBody) },
    responses: { 201: answer(canaryAnswer, 'The run; what its show causes is marked from now on') },
  }),
  getCanary: createRoute({
    method: 'get',
    path: '/v1/canaries/{id}',
    request: { params: byId },
    responses: { 200: answer(canaryAnswer, 'The run, with what was seen of it so far') },
  }),
  endCanary: createRoute({
    method: 'put',
    path: '/v1/canaries/{id}',
    request: { params: byId, body: jsonBody(endCanaryBody) },
    responses: { 200: answer(canaryAnswer, 'The run with its verdict; the first one stays') },
  }),
} as const

/** What a page or a program calls, by `METHOD /path`. */
export type CanaryApi = {
  'GET /v1/canaries': { query?: { limit?: number; cursor?: string; route?: string }; answer: Page<CanaryAnswer> }
  'POST /v1/canaries': { body: StartCanaryBody; answer: CanaryAnswer }
  'GET /v1/canaries/{id}': { params: { id: string }; answer: CanaryAnswer }
  'PUT /v1/canaries/{id}': { params: { id: string }; body: EndCanaryBody; answer: CanaryAnswer }
}

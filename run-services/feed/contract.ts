import { createRoute } from '@hono/zod-openapi'
import { answer, byId, jsonBody } from '#shared/service/answer-parts.ts'
import { type Page, pageOf, pageQuery } from '#shared/service/page-cursor.ts'
import {
  feedItem,
  relatedQuery,
  searchQuery,
  shareAnswer,
  shareBody,
  type FeedItem,
  type ShareAnswer,
  type ShareBody,
} from './feed-answer.ts'

/** Every public route of the service: server, OpenAPI document and typed client come from here. */
export const feedContract = {
  getFeed: createRoute({
    method: 'get',
    path: '/v1/feed',
    request: { query: pageQuery },
    responses: { 200: answer(pageOf(feedItem), 'Shows on the air and published clips, by rank') },
  }),
  getRelated: createRoute({
    method: 'get',
    path: '/v1/feed/related',
    request: { query: pageQuery.extend(relatedQuery.shape) },
    responses: { 200: answer(pageOf(feedItem), 'Clips that go with a clip or a show') },
  }),
  search: createRoute({
    method: 'get',
    path: '/v1/search',
    request: { query: pageQuery.extend(searchQuery.shape) },
    responses: { 200: answer(pageOf(feedItem), 'Clips and shows that match every word, best first') },
  }),
  share: createRoute({
    method: 'post',
    path: '/v1/shares',
    request: { body: jsonBody(shareBody) },
    responses: { 201: answer(shareAnswer, 'The link') },
  }),
  getShare: createRoute({
    method: 'get',
    path: '/v1/shares/{id}',
    request: { params: byId },
    responses: { 200: answer(shareAnswer, 'The link, without counting a visit') },
  }),
  visitShare: createRoute({
    method: 'post',
    path: '/v1/shares/{id}/visits',
    request: { params: byId },
    responses: { 200: answer(shareAnswer, 'The link, with this visit counted') },
  }),
} as const

type PageParams = { limit?: number; cursor?: string }

/** What a page calls, by `METHOD /path`: path parameters, query, body and answer. */
export type FeedApi = {
  'GET /v1/feed': { query?: PageParams; answer: Page<FeedItem> }
  'GET /v1/feed/related': { query: PageParams & { clip?: string; stream?: string }; answer: Page<FeedItem> }
  'GET /v1/search': { query: PageParams & { q: string; kind?: 'clip' | 'stream' | 'all' }; answer: Page<FeedItem> }
  'POST /v1/shares': { body: ShareBody; answer: ShareAnswer }
  'GET /v1/shares/{id}': { params: { id: string }; answer: ShareAnswer }
  'POST /v1/shares/{id}/visits': { params: { id: string }; answer: ShareAnswer }
}

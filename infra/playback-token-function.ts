import { PLAYBACK_TOKEN_FIELDS } from '#shared/domain/playback-token.ts'

/** Spelled apart: these are modules of the edge's runtime, not of this program. */
const IMPORT = 'import'

/** The signed text, made from the one list of its fields. */
const SIGNED = `[${PLAYBACK_TOKEN_FIELDS.map(field => `fields.${field}`).join(', ')}].join('.')`

/**
 * The edge's half of playback rights, as CloudFront Functions runs it (JavaScript runtime 2.0).
 *
 * A path may begin with the token of `shared/domain/playback-token.ts`. It is checked and cut off, so that cache keys
 * are shared and relative URLs work. The key-value store holds `key:<kid>` (the secret) and `id:<playback id>`:
 * `private` needs a token, `denied` is refused whatever it carries. A store that cannot be read refuses: what is
 * private stays so.
 */
export const PLAYBACK_TOKEN_FUNCTION = `'use strict';
${IMPORT} cf from 'cloudfront';
${IMPORT} crypto from 'crypto';

const store = cf.kvs();
const PATH = /^(?:\\/t\\/(\\d{10})\\.([A-Za-z0-9_-]{1,32})\\.([A-Za-z0-9_-]{43}))?(\\/(?:live|play)\\/([A-Za-z0-9_-]{1,64})\\/.*)$/;

function refusal(status, why) {
  return {
    statusCode: status,
    statusDescription: status === 403 ? 'Forbidden' : 'Service Unavailable',
    headers: { 'cache-control': { value: 'no-store' }, 'x-showreel-refused': { value: why } },
  };
}

async function read(key) {
  return (await store.exists(key)) ? await store.get(key) : undefined;
}

function same(a, b) {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i % b.length);
  return difference === 0;
}

async function verdict(request) {
  const found = PATH.exec(request.uri);
  if (found === null) return request.uri.indexOf('/t/') === 0 ? refusal(403, 'token.malformed') : request;
  const fields = { exp: found[1], kid: found[2], playbackId: found[5] };
  const rule = await read('id:' + fields.playbackId);
  if (rule === 'denied') return refusal(403, 'playback.denied');
  if (fields.exp === undefined) return rule === 'private' ? refusal(403, 'token.missing') : request;
  if (Number(fields.exp) * 1000 < Date.now()) return refusal(403, 'token.expired');
  const key = await read('key:' + fields.kid);
  if (key === undefined) return refusal(403, 'token.unknown-key');
  const expected = crypto.createHmac('sha256', key).update(${SIGNED}).digest('base64url');
  if (!same(expected, found[3])) return refusal(403, 'token.forged');
  request.uri = found[4];
  return request;
}

async function handler(event) {
  try {
    return await verdict(event.request);
  } catch (error) {
    return refusal(503, 'playback.unknown');
  }
}
`

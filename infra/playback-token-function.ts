/** Spelled apart: these are modules of the edge's runtime, not of this program. */
const IMPORT = 'import'

/**
 * The edge's half of playback rights, as CloudFront Functions runs it (JavaScript runtime 2.0).
 *
 * A path may begin with `/t/<exp>.<kid>.<hmac>/`: seconds since 1970, a key's name, and base64url of HMAC-SHA256 over
 * `<exp>.<kid>.<playback id>`. The token is checked and cut off, so that cache keys are shared and relative URLs work.
 * The key-value store holds `key:<kid>` (the secret) and `id:<playback id>`: `private` needs a token, `denied` is
 * refused whatever it carries.
 */
export const PLAYBACK_TOKEN_FUNCTION = `'use strict';
${IMPORT} cf from 'cloudfront';
${IMPORT} crypto from 'crypto';

const store = cf.kvs();
const PATH = /^(?:\\/t\\/(\\d{10})\\.([A-Za-z0-9_-]{1,32})\\.([A-Za-z0-9_-]{43}))?(\\/(?:live|play)\\/([A-Za-z0-9_-]{1,64})\\/.*)$/;

function refusal(why) {
  return {
    statusCode: 403,
    statusDescription: 'Forbidden',
    headers: { 'cache-control': { value: 'no-store' }, 'x-showreel-refused': { value: why } },
  };
}

async function read(key) {
  try {
    return await store.get(key);
  } catch (error) {
    return undefined;
  }
}

function same(a, b) {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i % b.length);
  return difference === 0;
}

async function handler(event) {
  const request = event.request;
  const found = PATH.exec(request.uri);
  if (found === null) return request.uri.indexOf('/t/') === 0 ? refusal('token.malformed') : request;
  const rule = await read('id:' + found[5]);
  if (rule === 'denied') return refusal('playback.denied');
  if (found[1] === undefined) return rule === 'private' ? refusal('token.missing') : request;
  if (Number(found[1]) * 1000 < Date.now()) return refusal('token.expired');
  const key = await read('key:' + found[2]);
  if (key === undefined) return refusal('token.unknown-key');
  const signed = found[1] + '.' + found[2] + '.' + found[5];
  const expected = crypto.createHmac('sha256', key).update(signed).digest('base64url');
  if (!same(expected, found[3])) return refusal('token.forged');
  request.uri = found[4];
  return request;
}
`

/**
 * Turns a stored redirect into a redirect, as CloudFront Functions runs it (JavaScript runtime 2.0).
 *
 * S3 answers an object that points elsewhere with its body and `x-amz-website-redirect-location`; only its website
 * endpoint, which is public, would redirect by itself. The answer becomes a 302 to a path relative to the request's, so
 * that a token in front of the path is carried along; a target outside `/play/` is not followed.
 */
export const EDGE_REDIRECT_FUNCTION = `'use strict';

const TARGET = 'x-amz-website-redirect-location';

function relative(from, to) {
  const base = from.replace(/^\\/t\\/[^/]+/, '').split('/').slice(0, -1);
  const target = to.split('/');
  let shared = 0;
  while (shared < base.length && shared < target.length - 1 && base[shared] === target[shared]) shared += 1;
  const up = base.slice(shared).map(function () { return '..'; });
  return up.concat(target.slice(shared)).join('/');
}

function handler(event) {
  const response = event.response;
  const target = response.headers[TARGET];
  if (target === undefined) return response;
  delete response.headers[TARGET];
  if (target.value.indexOf('/play/') !== 0) return response;
  response.statusCode = 302;
  response.statusDescription = 'Found';
  response.headers.location = { value: relative(event.request.uri, target.value) };
  return response;
}
`

/**
 * The Content-Security-Policy of every page: our own scripts and styles, media from the media origins, blobs for Media
 * Source Extensions, and nothing else. `embeddable` pages may be framed by anyone, the others by nobody.
 */
export function contentPolicy(mediaOrigins: readonly string[], embeddable: boolean): string {
  const media = mediaOrigins.join(' ')
  return [
    "default-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    `frame-ancestors ${embeddable ? '*' : "'none'"}`,
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    `img-src 'self' data: blob: ${media}`,
    `media-src 'self' blob: ${media}`,
    `connect-src 'self' ${media}`,
    "worker-src 'self' blob:",
    "manifest-src 'self'",
  ]
    .map(directive => directive.trim())
    .join('; ')
}

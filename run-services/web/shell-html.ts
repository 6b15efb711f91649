import { PAGE_ICON } from './page-icon.ts'
import type { PageConfig } from './page-config.ts'
import type { Preloads } from './page-bundle.ts'

/** What a share page says to whoever previews its link. */
export type ShareFacts = {
  /** What plays: a stream, a channel or a clip. */
  id: string
  kind: 'show' | 'clip'
  title: string
  creator: string | undefined
  live: boolean
  posterUrl: string | undefined
  /** The live or archived HLS entry point of a show, the file of a clip. */
  videoUrl: string | undefined
}

export type ShellOptions = {
  config: PageConfig
  preloads: Preloads
  font: string | undefined
  share: { facts: ShareFacts; pageUrl: string; playerUrl: string } | undefined
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => ESCAPES[character] ?? character)
}

function tag(attribute: 'name' | 'property', key: string, content: string): string {
  return `<meta ${attribute}="${key}" content="${escapeHtml(content)}">`
}

function descriptionOf({ kind, live }: ShareFacts): string {
  if (kind === 'clip') return 'A clip on Showreel'
  return live ? 'Live now on Showreel' : 'Watch it again on Showreel'
}

function shareTags({ facts, pageUrl, playerUrl }: NonNullable<ShellOptions['share']>): string[] {
  const by = facts.creator === undefined ? '' : ` · ${facts.creator}`
  const description = descriptionOf(facts) + by
  const tags = [
    tag('name', 'description', description),
    tag('property', 'og:site_name', 'Showreel'),
    tag('property', 'og:type', 'video.other'),
    tag('property', 'og:title', facts.title),
    tag('property', 'og:description', description),
    tag('property', 'og:url', pageUrl),
    tag('name', 'twitter:card', 'player'),
    tag('name', 'twitter:title', facts.title),
    tag('name', 'twitter:description', description),
    tag('name', 'twitter:player', playerUrl),
    tag('name', 'twitter:player:width', '1280'),
    tag('name', 'twitter:player:height', '720'),
  ]
  if (facts.posterUrl !== undefined) {
    tags.push(tag('property', 'og:image', facts.posterUrl), tag('name', 'twitter:image', facts.posterUrl))
  }
  if (facts.videoUrl !== undefined) {
    tags.push(
      tag('property', 'og:video', facts.videoUrl),
      tag('property', 'og:video:type', facts.kind === 'clip' ? 'video/mp4' : 'application/vnd.apple.mpegurl'),
      tag('name', 'twitter:player:stream', facts.videoUrl),
    )
  }
  return tags
}

/** The HTML of one screen: head, configuration as a data block, and an empty page of the right colour. */
export function shellHtml({ config, preloads, font, share }: ShellOptions): string {
  const title = share === undefined ? 'Showreel' : `${share.facts.title} · Showreel`
  return [
    `<!doctype html><html lang="${config.language}"><head><meta charset="utf-8">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">',
    `<title>${escapeHtml(title)}</title>`,
    '<meta name="theme-color" content="#0e1116"><meta name="color-scheme" content="dark">',
    `<link rel="icon" type="image/svg+xml" href="${PAGE_ICON}">`,
    ...(font === undefined ? [] : [`<link rel="preload" as="font" type="font/woff2" href="${font}" crossorigin>`]),
    ...preloads.styles.map(href => `<link rel="stylesheet" href="${href}">`),
    ...preloads.scripts.map(href => `<link rel="modulepreload" href="${href}">`),
    ...(share === undefined ? [] : shareTags(share)),
    `<script type="application/json" id="page-config">${JSON.stringify(config).replaceAll('<', '\\u003c')}</script>`,
    `<script type="module" src="${preloads.entry}"></script>`,
    '</head><body><div id="app"></div><noscript>Showreel needs JavaScript to play live video.</noscript></body></html>',
  ].join('\n')
}

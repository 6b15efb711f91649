import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'
import { type Import, importsOf, type SourceFile, sourceFiles } from './source-files.ts'

/** Packages that belong to one vendor or technology, and the file-name stem of the adapters that may import them. */
const VENDOR_OF: Record<string, string> = {
  '@electric-sql/pglite': 'pglite',
  pg: 'postgres',
  '@google-cloud/pubsub': 'pubsub',
  '@google-cloud/spanner': 'spanner',
  '@google-cloud/tasks': 'cloud-tasks',
  '@google-cloud/secret-manager': 'secret-manager',
  ioredis: 'redis',
  '@aws-sdk/client-s3': 's3',
  '@aws-sdk/s3-request-presigner': 's3',
  '@aws-sdk/client-sqs': 'sqs',
  '@aws-sdk/client-ivs': 'ivs',
  '@aws-sdk/client-eventbridge': 'eventbridge',
  '@aws-sdk/client-mediaconvert': 'mediaconvert',
  '@aws-sdk/credential-providers': 'aws',
}
const CLOUD_SDK = /^(?:@google-cloud\/|@aws-sdk\/|@pulumi\/)/u
const NODE_IO = /^node:(?:fs|net|http|https|child_process|dgram|tls|worker_threads|timers|os)/u

type Layer = { name: string; applies: RegExp; may: readonly RegExp[]; mayNot?: readonly RegExp[] }

const DOMAIN = /^shared\/domain\//u
const MEDIA = /^shared\/media\//u
const SANDBOX = /^shared\/media-sandbox\//u
const SERVICE = /^shared\/service\//u
const PORT_INTERFACE = /^shared\/ports\/([a-z-]+)\/(?:\1|named-query|tables)\.ts$/u
const PACKAGE = /^(?![#.])(?!shared\/|run-services\/|functions\/|local\/|test\/|infra\/|tools\/)/u

/** The import table of docs/ARCHITECTURE.md, most specific first; the first that applies decides. */
const LAYERS: readonly Layer[] = [
  { name: 'test', applies: /^(?:test|tools)\/|\.test\.tsx?$|\.config\.ts$/u, may: [/./u] },
  { name: 'composition root', applies: /(?:^|\/)(?:main|worker)\.ts$|^local\//u, may: [/./u] },
  {
    name: 'infra',
    applies: /^infra\//u,
    may: [/^infra\//u, DOMAIN, /^@pulumi\/(?:pulumi|aws|gcp)$/u, /^@grafana\/grafana-foundation-sdk\//u],
  },
  { name: 'shared/domain', applies: DOMAIN, may: [DOMAIN, /^zod$/u] },
  { name: 'shared/media', applies: MEDIA, may: [DOMAIN, MEDIA, PACKAGE], mayNot: [NODE_IO] },
  { name: 'port interface', applies: PORT_INTERFACE, may: [DOMAIN, PORT_INTERFACE, /^kysely$/u] },
  {
    name: 'port adapter',
    applies: /^shared\/ports\//u,
    may: [DOMAIN, MEDIA, SANDBOX, SERVICE, /^shared\/ports\//u, PACKAGE],
  },
  { name: 'shared/media-sandbox', applies: SANDBOX, may: [DOMAIN, MEDIA, SANDBOX, /^node:/u, /^fluent-ffmpeg$/u] },
  {
    name: 'shared/service',
    applies: SERVICE,
    may: [DOMAIN, MEDIA, PORT_INTERFACE, SERVICE, PACKAGE],
    mayNot: [CLOUD_SDK],
  },
  {
    name: 'service or function',
    applies: /^(?:run-services|functions)\//u,
    may: [DOMAIN, MEDIA, SANDBOX, SERVICE, PORT_INTERFACE, PACKAGE],
    mayNot: [CLOUD_SDK],
  },
]

function resolve(file: SourceFile, specifier: string): string {
  if (specifier.startsWith('#')) return specifier.slice(1)
  if (specifier.startsWith('.')) return normalize(join(dirname(file.path), specifier))
  return specifier
}

function ownFolder(path: string): string | undefined {
  return /^((?:run-services|functions)\/[^/]+\/)/u.exec(path)?.[1]
}

function isPageTypes(path: string, { typeOnly }: Import, target: string): boolean {
  return (
    path.startsWith('run-services/web/pages/') &&
    typeOnly &&
    /^(?:run-services|functions)\/[^/]+\/contract\.ts$/u.test(target)
  )
}

function mayImport(file: SourceFile, layer: Layer, imported: Import): boolean {
  const target = resolve(file, imported.specifier)
  const own = ownFolder(file.path)
  if (own !== undefined && target.startsWith(own)) return true
  if (isPageTypes(file.path, imported, target)) return true
  if (layer.mayNot?.some(pattern => pattern.test(target)) === true) return false
  return layer.may.some(pattern => pattern.test(target))
}

function violations(files: readonly SourceFile[]): string[] {
  return files.flatMap(file => {
    const layer = LAYERS.find(({ applies }) => applies.test(file.path))
    if (layer === undefined) return [`${file.path} belongs to no layer`]
    return importsOf(file)
      .filter(imported => !mayImport(file, layer, imported))
      .map(({ specifier }) => `${file.path} (${layer.name}) may not import ${specifier}`)
  })
}

test('every import stays within its layer', () => {
  expect(violations(sourceFiles())).toEqual([])
})

test('a planted import across services, of an adapter, of I/O in media and of a cloud SDK is caught', () => {
  const planted = [
    { path: 'run-services/feed/app.ts', text: "import { x } from '#run-services/clips/app.ts'" },
    { path: 'run-services/feed/list.ts', text: "import { x } from '#shared/ports/database/pglite-database.ts'" },
    { path: 'run-services/feed/send.ts', text: "import { x } from '@google-cloud/pubsub'" },
    { path: 'shared/media/cut.ts', text: "import { x } from 'node:fs'" },
    { path: 'shared/domain/id.ts', text: "import { x } from '#shared/service/log.ts'" },
    { path: 'infra/media.ts', text: "import { x } from 'node:fs'" },
    { path: 'elsewhere/file.ts', text: '' },
  ]
  expect(violations(planted)).toHaveLength(planted.length)
})

test('a vendor package is imported by the adapters named after it alone', () => {
  const wrong = sourceFiles()
    .filter(({ path }) => !path.startsWith('test/') && !path.endsWith('.test.ts'))
    .flatMap(file =>
      importsOf(file).flatMap(({ specifier }) => {
        const vendor = Object.keys(VENDOR_OF).find(name => specifier === name || specifier.startsWith(`${name}/`))
        const stem = vendor === undefined ? undefined : VENDOR_OF[vendor]
        const named = stem === undefined || (file.path.split('/').at(-1) ?? '').startsWith(stem)
        return named ? [] : [`${file.path} imports ${specifier}`]
      }),
    )
  expect(wrong).toEqual([])
})

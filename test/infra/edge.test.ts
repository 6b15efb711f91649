import { beforeAll, expect, test } from 'vitest'
import { type GraphResource, ofType, type ResourceGraph } from '#infra/resource-graph.ts'
import { stackGraph } from '../helpers/stack-graph.ts'

type Behaviour = {
  pathPattern?: string
  targetOriginId: string
  cachePolicyId: string
  compress: boolean
  viewerProtocolPolicy: string
  functionAssociations: { eventType: string; functionArn: string }[]
}
type Statement = {
  Principal: unknown
  Action: unknown
  Resource: unknown
  Condition?: Record<string, Record<string, string>>
}

let regional: ResourceGraph
let everywhere: ResourceGraph
beforeAll(async () => {
  regional = await stackGraph('prod', { mediaPlane: 'selfhost' })
  everywhere = await stackGraph('dev', { originSigning: 'sigv4a' })
}, 600_000)

const only = (graph: ResourceGraph, type: string): GraphResource['inputs'] => {
  const [first, ...more] = ofType(graph, type)
  expect(more).toEqual([])
  return first?.inputs ?? {}
}
const DISTRIBUTION = 'aws:cloudfront/distribution:Distribution'
const ordered = (graph: ResourceGraph) => only(graph, DISTRIBUTION)['orderedCacheBehaviors'] as Behaviour[]
const every = (graph: ResourceGraph) => [
  ...ordered(graph),
  only(graph, DISTRIBUTION)['defaultCacheBehavior'] as Behaviour,
]

/** The first behaviour whose pattern fits, as CloudFront chooses. */
function behaviourOf(graph: ResourceGraph, path: string): Behaviour | undefined {
  const fits = (pattern: string) =>
    new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`, 'u').test(path)
  return ordered(graph).find(({ pathPattern = '' }) => fits(pathPattern)) ?? every(graph).at(-1)
}

test('each path leads to its origin with its cache, with a token before it and without', () => {
  const expected = [
    ['/live/abc/master.m3u8', 'plane', 'live'],
    ['/live/abc/v1/720p/live.m3u8', 'plane', 'live'],
    ['/live/abc/clock', 'plane', 'live'],
    ['/live/abc/v1/720p/12.3.m4s', 'plane', 'media'],
    ['/live/abc/v1/720p/init-1.mp4', 'plane', 'media'],
    ['/play/abc/index.m3u8', 'store', 'manifest'],
    ['/play/abc/manifest.mpd', 'store', 'manifest'],
    ['/play/abc/v2/clip.mp4', 'store', 'media'],
  ] as const
  for (const [path, origin, cache] of expected) {
    for (const uri of [path, `/t/1800000000.k1.hmac${path}`]) {
      expect(behaviourOf(regional, uri), uri).toMatchObject({
        targetOriginId: origin,
        cachePolicyId: `\${CachePolicy.${cache}.id}`,
        compress: cache !== 'media',
      })
    }
  }
})

test('on IVS nothing leads to a plane of ours', () => {
  expect(every(everywhere).map(({ targetOriginId }) => targetOriginId)).toEqual(['store', 'store', 'store'])
})

test('every path is checked for rights, and stored redirects are answered where things are stored', () => {
  for (const graph of [regional, everywhere]) {
    for (const { functionAssociations, targetOriginId, viewerProtocolPolicy } of every(graph)) {
      expect(viewerProtocolPolicy).toBe('redirect-to-https')
      expect(functionAssociations[0]).toEqual({
        eventType: 'viewer-request',
        functionArn: '${Function.playback-token.arn}',
      })
      expect(functionAssociations).toHaveLength(targetOriginId === 'store' ? 2 : 1)
    }
  }
})

test('playlists of a running show are kept five seconds at most, each reload directive apart; media a year', () => {
  const policy = (name: string) =>
    ofType(regional, 'aws:cloudfront/cachePolicy:CachePolicy').find(each => each.name === name)
  expect(policy('live')?.inputs).toMatchObject({
    maxTtl: 5,
    parametersInCacheKeyAndForwardedToOrigin: {
      queryStringsConfig: { queryStrings: { items: ['_HLS_msn', '_HLS_part', '_HLS_skip'] } },
      enableAcceptEncodingGzip: true,
    },
  })
  expect(policy('media')?.inputs).toMatchObject({ maxTtl: 365 * 86_400 })
})

test('two origins stand behind every path: the second answers what the first lacks or fails', () => {
  const groups = (graph: ResourceGraph) =>
    only(graph, DISTRIBUTION)['originGroups'] as {
      members: { originId: string }[]
      failoverCriteria: { statusCodes: number[] }
    }[]
  const members = (graph: ResourceGraph) => groups(graph).map(group => group.members.map(({ originId }) => originId))
  expect(members(regional)).toEqual([
    ['store-home', 'store-pair'],
    ['plane-home', 'plane-pair'],
  ])
  expect(members(everywhere)).toEqual([['store-everywhere', 'store-home']])
  for (const { failoverCriteria } of groups(regional)) {
    expect(failoverCriteria.statusCodes).toEqual(expect.arrayContaining([403, 404, 503]))
  }
})

test('the access point is signed for in every region, a bucket in its own', () => {
  const signing = (graph: ResourceGraph) =>
    ofType(graph, 'aws:cloudfront/originAccessControl:OriginAccessControl').map(
      ({ inputs }) => inputs['signingProtocol'],
    )
  expect(signing(regional)).toEqual(['sigv4'])
  expect(new Set(signing(everywhere))).toEqual(new Set(['sigv4', 'sigv4a']))
})

test('the edge alone reads, and only what viewers are shown', () => {
  for (const { name, inputs } of ofType(regional, 'aws:s3/bucketPolicy:BucketPolicy')) {
    const allowed = (
      JSON.parse(String(inputs['policy'])) as { Statement: (Statement & { Effect: string })[] }
    ).Statement.filter(({ Effect }) => Effect === 'Allow')
    if (!name.startsWith('media-')) expect(allowed).toEqual([])
    else {
      expect(allowed).toMatchObject([
        {
          Principal: { Service: 'cloudfront.amazonaws.com' },
          Action: 's3:GetObject',
          Resource: [`\${Bucket.${name}.arn}/play/*`],
          Condition: { StringEquals: { 'AWS:SourceArn': '${Distribution.media.arn}' } },
        },
      ])
    }
  }
  const details = only(regional, 'aws:s3control/multiRegionAccessPointPolicy:MultiRegionAccessPointPolicy')['details']
  expect(JSON.stringify(details)).toContain('/object/play/*')
})

test('the key-value store the function reads is the one services may write, and channels alone may', () => {
  const token = ofType(regional, 'aws:cloudfront/function:Function').find(({ name }) => name === 'playback-token')
  expect(token?.inputs['keyValueStoreAssociations']).toEqual(['${KeyValueStore.playback.arn}'])
  const writers = ofType(regional, 'aws:iam/rolePolicy:RolePolicy').filter(({ inputs }) =>
    String(inputs['policy']).includes('cloudfront-keyvaluestore:UpdateKeys'),
  )
  expect(writers.map(({ name }) => name)).toEqual(['channels-media'])
})

test('the access point waits for its buckets, its policy for the distribution it names', () => {
  const [policy] = ofType(regional, 'aws:s3control/multiRegionAccessPointPolicy:MultiRegionAccessPointPolicy')
  expect(policy?.dependencies.join(' ')).toContain('Distribution::media')
  const [point] = ofType(regional, 'aws:s3control/multiRegionAccessPoint:MultiRegionAccessPoint')
  for (const region of ['us-east-1', 'ap-southeast-1'])
    expect(point?.dependencies.join(' ')).toContain(`media-${region}`)
})

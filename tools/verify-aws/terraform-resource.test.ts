import { expect, test } from 'vitest'
import type { ProviderSchema } from './provider-schema.ts'
import { terraformResource } from './terraform-resource.ts'
import { terraformType } from './terraform-type.ts'

const SCHEMA: ProviderSchema = {
  aws_lb: {
    block: {
      attributes: {
        name: { type: 'string', required: true },
        policy: { type: 'string' },
        subnets: { type: ['set', 'string'] },
        tags: { type: ['map', 'string'] },
        route: { type: ['set', ['object', { cidr_block: 'string', gateway_id: 'string', nat_id: 'string' }]] },
      },
      block_types: {
        origin: {
          nesting_mode: 'list',
          block: { attributes: { origin_id: { type: 'string' } }, block_types: {} },
        },
        health_check: { nesting_mode: 'list', max_items: 1, block: { attributes: { path: { type: 'string' } } } },
      },
    },
  },
}

const body = (inputs: Record<string, unknown>) => terraformResource('aws_lb', inputs, SCHEMA).body

test('names of types and properties become Terraform’s', () => {
  expect(terraformType('aws:sqs/queue:Queue')).toBe('aws_sqs_queue')
  expect(terraformType('aws:ec2/routeTableAssociation:RouteTableAssociation')).toBe('aws_route_table_association')
  expect(terraformType('aws:lb/targetGroup:TargetGroup')).toBe('aws_lb_target_group')
  expect(body({ origins: [{ originId: 'a' }, { originId: 'b' }] })).toEqual({
    origin: [{ origin_id: 'a' }, { origin_id: 'b' }],
  })
  expect(body({ healthCheck: { path: '/readyz' } })).toEqual({ health_check: [{ path: '/readyz' }] })
})

test('references stay, what only looks like one is text', () => {
  const kept = '{"Resource":"${aws_s3_bucket.dev__media.arn}/*"}'
  expect(body({ policy: kept })).toEqual({ policy: kept })
  expect(body({ policy: '${cf.id} %{if}' })).toEqual({ policy: '$${cf.id} %%{if}' })
})

test('a list of objects says every field; maps and sets are passed on', () => {
  expect(body({ routes: [{ cidrBlock: '0.0.0.0/0', gatewayId: 'x' }] })).toEqual({
    route: [{ cidr_block: '0.0.0.0/0', gateway_id: 'x', nat_id: null }],
  })
  expect(body({ subnets: ['a'], tags: { camelCase: 'kept' } })).toEqual({ subnets: ['a'], tags: { camelCase: 'kept' } })
})

test('what the provider does not know is named, inside blocks too', () => {
  expect(terraformResource('aws_lb', { novelty: 1, origins: [{ age: 2 }] }, SCHEMA).unknown).toEqual([
    'novelty',
    'origins.age',
  ])
  expect(terraformResource('aws_new', {}, SCHEMA).unknown).toEqual([''])
})

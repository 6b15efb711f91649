import { afterAll, beforeAll, expect, test } from 'vitest'
import { missingTerraform } from '#tools/verify-aws/missing-terraform.ts'
import type { TerraformStack } from '#tools/verify-aws/terraform-config.ts'
import { TerraformRun } from '#tools/verify-aws/terraform-run.ts'
import { stacksOf, verifyStacks } from '#tools/verify-aws/verify-stacks.ts'

const missing = missingTerraform(process.env)
const skipped = missing !== undefined && !missing.expected
const lack = missing === undefined ? '' : ` (${missing.says})`

/** Known to come after provider 5.100; a longer list would hide what the check is for. */
const LEFT_OUT = ['aws_lambda_function.runtime', 'aws_s3control_multi_region_access_point_routes']

let terraform: TerraformRun
let stacks: TerraformStack[]
beforeAll(async () => {
  if (skipped) return
  if (missing !== undefined) throw new Error(missing.says)
  terraform = new TerraformRun(process.env['SHOWREEL_TERRAFORM_MIRROR'] ?? '', process.env['PATH'])
  stacks = await stacksOf(terraform)
}, 600_000)

afterAll(() => terraform?.[Symbol.dispose]())

test.skipIf(skipped)(
  `HashiCorp’s provider plans every resource of AWS, in dev and prod, on both media planes${lack}`,
  { timeout: 120_000 },
  async () => {
    const { planned, forms, excluded, unknown } = await verifyStacks(terraform, stacks)
    expect(unknown).toEqual([])
    expect(forms.map(({ name }) => name)).toEqual(['dev_ivs', 'dev_selfhost', 'prod_ivs', 'prod_selfhost'])
    expect(planned).toBe(forms.reduce((sum, { resources }) => sum + resources, 0))
    expect([...excluded.keys()].sort()).toEqual(LEFT_OUT)
  },
)

test.skipIf(skipped)(`what the provider would refuse is refused, by name${lack}`, { timeout: 120_000 }, async () => {
  const wrong = { dev__late: { visibility_timeout_seconds: 99_999 }, dev__lost: { delay: 1 } }
  const planted: TerraformStack = {
    resources: { aws_sqs_queue: wrong },
    regions: new Set(),
    excluded: new Map(),
    unknown: [],
  }
  await expect(terraform.plan([planted])).rejects.toThrow(
    /dev__late expected visibility_timeout_seconds.*\n.*dev__lost .*"delay"/u,
  )
})

test('terraform is asked for only where a mirror is named, and must be there where tests are strict', () => {
  const empty = { SHOWREEL_TERRAFORM_MIRROR: '/nowhere' }
  expect(missingTerraform({})).toMatchObject({ expected: false })
  expect(missingTerraform({ REQUIRE_EMULATORS: '1' })).toMatchObject({ expected: false })
  expect(missingTerraform(empty)).toMatchObject({ expected: false })
  expect(missingTerraform({ ...empty, REQUIRE_EMULATORS: '1' })).toMatchObject({ expected: true })
})

/** `npm run verify:aws`: the AWS half of every stack through HashiCorp's own provider, validated and planned. */
import { missingTerraform } from './verify-aws/missing-terraform.ts'
import { TerraformRun } from './verify-aws/terraform-run.ts'
import { stacksOf, verifyStacks } from './verify-aws/verify-stacks.ts'

async function main(): Promise<void> {
  const missing = missingTerraform(process.env)
  if (missing !== undefined) {
    process.stdout.write(`${missing.expected ? '✘' : '–'} verify:aws ${missing.says}\n`)
    process.exitCode = missing.expected ? 1 : 0
    return
  }
  using terraform = new TerraformRun(process.env['SHOWREEL_TERRAFORM_MIRROR'] ?? '', process.env['PATH'])
  const { planned, forms, excluded, unknown } = await verifyStacks(terraform, await stacksOf(terraform))
  for (const { name, resources } of forms) process.stdout.write(`✔ ${name}: ${resources} resources of AWS\n`)
  for (const [what, why] of excluded) process.stdout.write(`– left out: ${what} (${why})\n`)
  for (const what of unknown) process.stdout.write(`✘ the provider does not know ${what}\n`)
  process.stdout.write(`${planned} resources planned\n`)
  const whole = planned === forms.reduce((sum, { resources }) => sum + resources, 0)
  process.exitCode = unknown.length === 0 && whole ? 0 : 1
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

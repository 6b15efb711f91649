import { runProgram } from '#tools/preview/offline-engine.ts'
import { PROGRAM, PROJECT, stackConfig } from '#tools/preview/preview-stack.ts'
import type { ProviderSchema } from './provider-schema.ts'
import { terraformAnswer } from './terraform-answer.ts'
import { type TerraformStack, terraformStack } from './terraform-config.ts'
import type { TerraformRun } from './terraform-run.ts'

/** Every stack on every media plane. */
const FORMS = ['dev', 'prod'].flatMap(stack =>
  ['ivs', 'selfhost'].map(mediaPlane => ({ stack, mediaPlane, prefix: `${stack}_${mediaPlane}` })),
)

type Form = (typeof FORMS)[number]
/** Each takes about 600 MB. */
const PROGRAMS_AT_ONCE = 2

export type Verified = {
  /** Resources planned, over all forms. */
  planned: number
  forms: readonly { name: string; resources: number }[]
  /** What was left out, with the reason. */
  excluded: ReadonlyMap<string, string>
  /** What the provider does not know and nobody excluded. */
  unknown: readonly string[]
}

/** The AWS half of every form of the program, in Terraform's words. */
export async function stacksOf(terraform: TerraformRun): Promise<TerraformStack[]> {
  const schema = await terraform.schema()
  const stacks: TerraformStack[] = []
  for (let first = 0; first < FORMS.length; first += PROGRAMS_AT_ONCE) {
    const forms = FORMS.slice(first, first + PROGRAMS_AT_ONCE)
    stacks.push(...(await Promise.all(forms.map(form => stackOf(form, schema)))))
  }
  return stacks
}

async function stackOf({ stack, mediaPlane, prefix }: Form, schema: ProviderSchema): Promise<TerraformStack> {
  const config = stackConfig(stack, { mediaPlane })
  const graph = await runProgram({ project: PROJECT, stack, config, program: PROGRAM, answer: terraformAnswer(prefix) })
  return terraformStack(prefix, graph, schema)
}

/** Validates and plans every form at once. Throws `TerraformRefused`, `ProgramFailed`. */
export async function verifyStacks(terraform: TerraformRun, stacks: readonly TerraformStack[]): Promise<Verified> {
  return {
    planned: await terraform.plan(stacks),
    forms: stacks.map((stack, index) => ({ name: FORMS[index]?.prefix ?? '', resources: countOf(stack) })),
    excluded: new Map(stacks.flatMap(({ excluded }) => [...excluded])),
    unknown: [...new Set(stacks.flatMap(({ unknown }) => unknown))],
  }
}

function countOf({ resources }: TerraformStack): number {
  return Object.values(resources).reduce((sum, labelled) => sum + Object.keys(labelled).length, 0)
}

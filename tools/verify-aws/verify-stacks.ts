import { runProgram } from '#tools/preview/offline-engine.ts'
import { PROGRAM, PROJECT, stackConfig } from '#tools/preview/preview-stack.ts'
import { terraformAnswer } from './terraform-answer.ts'
import { type TerraformStack, terraformStack } from './terraform-config.ts'
import type { TerraformRun } from './terraform-run.ts'

/** Every stack on every media plane. */
const FORMS = ['dev', 'prod'].flatMap(stack =>
  ['ivs', 'selfhost'].map(mediaPlane => ({ stack, mediaPlane, prefix: `${stack}_${mediaPlane}` })),
)

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
  for (const { stack, mediaPlane, prefix } of FORMS) {
    const config = stackConfig(stack, { mediaPlane })
    const graph = await runProgram({
      project: PROJECT,
      stack,
      config,
      program: PROGRAM,
      answer: terraformAnswer(prefix),
    })
    stacks.push(terraformStack(prefix, graph, schema))
  }
  return stacks
}

/** Validates and plans every form at once. Throws `TerraformRefused`, `ProgramFailed`. */
export async function verifyStacks(terraform: TerraformRun, stacks: readonly TerraformStack[]): Promise<Verified> {
  await terraform.validate(stacks)
  return {
    planned: await terraform.plan(),
    forms: stacks.map((stack, index) => ({ name: FORMS[index]?.prefix ?? '', resources: countOf(stack) })),
    excluded: new Map(stacks.flatMap(({ excluded }) => [...excluded])),
    unknown: [...new Set(stacks.flatMap(({ unknown }) => unknown))],
  }
}

function countOf({ resources }: TerraformStack): number {
  return Object.values(resources).reduce((sum, labelled) => sum + Object.keys(labelled).length, 0)
}

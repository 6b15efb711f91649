import { existsSync, readFileSync } from 'node:fs'
import type { ResourceGraph } from '#infra/resource-graph.ts'
import { runProgram } from './offline-engine.ts'
import { readStackFile } from './read-stack-file.ts'
import { symbolicAnswer } from './symbolic-answer.ts'

export const PROJECT = 'showreel'
export const PROGRAM = 'infra/index.ts'

/** What a deployment of a stack would declare, seen before it (outputs unknown) and as if made (outputs by name). */
export type StackPreview = {
  before: ResourceGraph
  made: ResourceGraph
  /** Resources that exist in only one of the two: the program reads a value to decide what to declare. */
  unstable: readonly string[]
}

/** The config of a stack from its file, with single keys (`mediaPlane`) replaced. Throws when there is no such file. */
export function stackConfig(stack: string, replaced: Readonly<Record<string, string>> = {}): Record<string, string> {
  const file = `Pulumi.${stack}.yaml`
  if (!existsSync(file)) throw new Error(`There is no ${file}; the stacks are the files Pulumi.<stack>.yaml.`)
  const config = readStackFile(readFileSync(file, 'utf8'))
  for (const [key, value] of Object.entries(replaced)) config[key.includes(':') ? key : `${PROJECT}:${key}`] = value
  return config
}

/** The graph of a stack with every output answered by name: what policies, prices and tests read. */
export function graphOf(stack: string, config: Readonly<Record<string, string>>): Promise<ResourceGraph> {
  return runProgram({ project: PROJECT, stack, config, program: PROGRAM, answer: symbolicAnswer })
}

/** Runs the program in preview and in update mode. Throws `ProgramFailed`. */
export async function previewStack(stack: string, config: Readonly<Record<string, string>>): Promise<StackPreview> {
  const [before, made] = await Promise.all([
    runProgram({ project: PROJECT, stack, config, program: PROGRAM, answer: 'preview' }),
    graphOf(stack, config),
  ])
  const urnsBefore = new Set(before.resources.map(({ urn }) => urn))
  const urnsMade = new Set(made.resources.map(({ urn }) => urn))
  const gone = [...urnsBefore].filter(urn => !urnsMade.has(urn))
  const added = [...urnsMade].filter(urn => !urnsBefore.has(urn))
  return { before, made, unstable: [...gone, ...added].sort() }
}

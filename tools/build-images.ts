/**
 * `node tools/build-images.ts --stack dev [--push]`: builds both images and the forwarder, sends them, and writes their
 * digests into the stack's file. Without `--push` it prints the commands and runs none.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { type BuildCommand, buildPlan, type BuildPlace, FORWARDER_ZIP, forwarderKey } from './delivery/build-plan.ts'
import { withBuilds } from './delivery/stack-builds.ts'
import { graphOf, stackConfig } from './preview/preview-stack.ts'

/** Outputs of a stack that was deployed, from Pulumi. */
function deployedOutputs(stack: string): Record<string, unknown> {
  const text = execFileSync('pulumi', ['stack', 'output', '--json', '--stack', stack], { encoding: 'utf8' })
  return JSON.parse(text) as Record<string, unknown>
}

/** The same outputs as they would be, without an account. */
async function foreseenOutputs(stack: string): Promise<Record<string, unknown>> {
  return (await graphOf(stack, stackConfig(stack, { stage: 'foundation' }))).outputs
}

function placeOf(stack: string, outputs: Record<string, unknown>): BuildPlace {
  const revision = execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { encoding: 'utf8' }).trim()
  const text = (name: string) => {
    const value = outputs[name]
    if (typeof value !== 'string') throw new Error(`The stack ${stack} has no output ${name}; deploy its foundation.`)
    return value
  }
  const mediaImages = outputs['mediaImages']
  if (!Array.isArray(mediaImages))
    throw new Error(`The stack ${stack} has no output mediaImages; deploy its foundation.`)
  return { stack, revision, images: text('images'), mediaImages, artifacts: text('artifacts') }
}

function typed({ command, arguments: words }: BuildCommand): string {
  return [command, ...words].map(word => (/^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word}'`)).join(' ')
}

function run(command: BuildCommand): void {
  process.stdout.write(`▸ ${command.title}\n`)
  const { status, error } = spawnSync(command.command, command.arguments, { stdio: 'inherit' })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`"${command.title}" ended with ${status ?? 'a signal'}.`)
}

function digestOf({ writes = '' }: BuildCommand): string {
  const { 'containerimage.digest': digest } = JSON.parse(readFileSync(writes, 'utf8')) as Record<string, string>
  if (digest === undefined) throw new Error(`${writes} names no digest.`)
  return digest
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { stack: { type: 'string' }, push: { type: 'boolean', default: false } },
  })
  const { stack, push } = values
  if (stack === undefined) throw new Error('Which stack? --stack dev or --stack prod.')
  const place = placeOf(stack, push ? deployedOutputs(stack) : await foreseenOutputs(stack))
  const commands = buildPlan(place)
  const key = forwarderKey(place)
  if (!push) {
    for (const each of commands) process.stdout.write(`${typed(each)}\n`)
    process.stdout.write(`# then Pulumi.${stack}.yaml names both digests, ${key} and its sha256\n`)
    return
  }
  mkdirSync(dirname(FORWARDER_ZIP), { recursive: true })
  rmSync(FORWARDER_ZIP, { force: true })
  for (const command of commands) run(command)
  const [app, media] = commands
  if (app === undefined || media === undefined) throw new Error('There is nothing to build.')
  const file = `Pulumi.${stack}.yaml`
  const builds = {
    appImage: digestOf(app),
    mediaImage: digestOf(media),
    forwarderKey: key,
    forwarderSha256: createHash('sha256').update(readFileSync(FORWARDER_ZIP)).digest('base64'),
  }
  writeFileSync(file, withBuilds(readFileSync(file, 'utf8'), builds))
  process.stdout.write(`${file} names this build; \`pulumi up --stack ${stack}\` makes it run.\n`)
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

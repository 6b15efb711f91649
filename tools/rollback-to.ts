/**
 * `node tools/rollback-to.ts --stack prod --revision <commit>`: makes the stack's file name the builds it named at that
 * commit again. The rest of the file stays as it is; nothing is deployed.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { buildsIn, withBuilds } from './delivery/stack-builds.ts'

function main(): void {
  const { values } = parseArgs({ options: { stack: { type: 'string' }, revision: { type: 'string' } } })
  const { stack, revision } = values
  if (stack === undefined || revision === undefined) throw new Error('Say --stack and --revision.')
  if (!/^[0-9a-f]{7,40}$/u.test(revision)) throw new Error(`"${revision}" is no revision.`)
  const file = `Pulumi.${stack}.yaml`
  const older = execFileSync('git', ['show', `${revision}:${file}`], { encoding: 'utf8' })
  writeFileSync(file, withBuilds(readFileSync(file, 'utf8'), buildsIn(older)))
  process.stdout.write(
    `${file} names the builds of ${revision} again; \`pulumi up --stack ${stack}\` makes them run.\n`,
  )
}

try {
  main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

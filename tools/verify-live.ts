/**
 * `npm run verify:live`: the contract suites of the adapters against real accounts. What it is not told of is skipped by
 * name; it costs cents, and leaves nothing but objects below two prefixes of the bucket it is given.
 */
import { spawn } from 'node:child_process'
import { liveSettings } from '#test/live/live-settings.ts'

/** Suites that need more than an account, and what they need; their fakes list what they could not check. */
const NOT_HERE = [
  [
    'Pub/Sub, Cloud Tasks',
    'an address of this machine that Google reaches; their pushes are seen by the canary of a stack',
  ],
  ['IVS', 'a publisher, and minutes of recording; seen by the canary of a stack with mediaPlane ivs'],
  ['MediaConvert', 'footage in a bucket and a role; its suite scripts how an encode ends'],
  ['EventBridge', 'a rule and a queue of a stack; seen by the canary of a stack with mediaPlane selfhost'],
] as const

for (const { variable, accepts, fallback } of liveSettings.describe()) {
  const set = process.env[variable] === undefined ? `not set${fallback === '' ? '' : ` (${fallback})`}` : 'set'
  process.stdout.write(`${variable.padEnd(26)} ${accepts.padEnd(8)} ${set}\n`)
}
process.stdout.write('\nNot verified here:\n')
for (const [what, needs] of NOT_HERE) process.stdout.write(`  ${what}: needs ${needs}\n`)

const child = spawn('vitest', ['run', '--config', 'test/live/live.config.ts', ...process.argv.slice(2)], {
  stdio: 'inherit',
})
child.once('close', code => {
  process.exitCode = code ?? 1
})

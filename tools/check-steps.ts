import type { Step } from './steps.ts'

/** What `npm run check` holds, short of the tidy tests: format, lint, types, lockfile, unused code. */
export const CHECK_STEPS: readonly Step[] = [
  { title: 'format', command: 'oxfmt', arguments: ['--check', '.'] },
  { title: 'lint', command: 'oxlint', arguments: ['--type-aware', '--deny-warnings', '.'] },
  { title: 'types', command: 'tsc', arguments: ['-p', '.'] },
  { title: 'types of the pages', command: 'tsc', arguments: ['-p', 'run-services/web'] },
  { title: 'lockfile', command: 'node', arguments: ['tools/complete-lockfile.ts', '--check'] },
  { title: 'where packages come from', command: 'node', arguments: ['tools/lint-lockfile.ts'] },
  { title: 'unused code', command: 'knip', arguments: ['--no-progress'] },
]

export const TIDY_STEP: Step = {
  title: 'tidy tests',
  command: 'vitest',
  arguments: ['run', '--project', 'tidy', '--reporter', 'dot'],
}

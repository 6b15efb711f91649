import { expect, test } from 'vitest'
import { type SourceFile, sourceFiles } from './source-files.ts'

type Rule = { words: RegExp; where: RegExp; except?: RegExp; instead: string }

const TESTS = /\.test\.tsx?$/u
const RULES: readonly Rule[] = [
  {
    words: /\bDate\.now\(|new Date\(\)|Math\.random\(/u,
    where: /^shared\/(?:domain|media)\//u,
    except: TESTS,
    instead: 'take a Clock or RandomBytes',
  },
  {
    words: /process\.env/u,
    where: /^(?:shared|run-services|functions)\//u,
    except: /(?:^|\/)(?:main|worker|settings)\.ts$|\.test\.ts$|vite\.config\.ts$/u,
    instead: 'read it in settings.ts',
  },
  { words: /\bsetTimeout\(|timers\/promises/u, where: /\.test\.tsx?$/u, instead: 'wait for a fact with eventually()' },
  { words: /\b(?:test|it|describe)\.(?:only|todo)\b/u, where: TESTS, instead: 'finish the test' },
  {
    words: /from ['"]node:child_process['"]/u,
    where: /^shared\/(?!media-sandbox\/)/u,
    except: TESTS,
    instead: 'go through shared/media-sandbox',
  },
  { words: /\b(?:TODO|FIXME|XXX)\b/u, where: /./u, instead: 'finish it' },
]

function findings(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => !path.startsWith('test/tidy/'))
    .flatMap(({ path, text }) =>
      RULES.filter(({ where, except }) => where.test(path) && except?.test(path) !== true).flatMap(
        ({ words, instead }) =>
          text
            .split('\n')
            .flatMap((line, index) => (words.test(line) ? [`${path}:${index + 1} ${line.trim()}: ${instead}`] : [])),
      ),
    )
}

test('time, chance, the environment and waiting appear only where they may', () => {
  expect(findings(sourceFiles())).toEqual([])
})

test('each rule catches a planted line', () => {
  const planted = [
    { path: 'shared/domain/a.ts', text: 'const now = Date.now()' },
    { path: 'run-services/a/b.ts', text: 'process.env.PORT' },
    { path: 'shared/a.test.ts', text: 'setTimeout(done, 5)' },
    { path: 'shared/b.test.ts', text: 'test.only(' },
    { path: 'shared/service/a.ts', text: "import { spawn } from 'node:child_process'" },
    { path: 'local/a.ts', text: '// TODO later' },
  ]
  expect(findings(planted)).toHaveLength(RULES.length)
})

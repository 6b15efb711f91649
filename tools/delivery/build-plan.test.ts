import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SERVICES } from '#shared/domain/service-catalogue.ts'
import { importsOf } from '#test/tidy/source-files.ts'
import { buildPlan } from './build-plan.ts'

const PLACE = {
  stack: 'dev',
  revision: '0123456789ab',
  images: 'us-east4-docker.pkg.dev/project/showreel-dev-images',
  mediaImages: ['1.dkr.ecr.us-east-1.amazonaws.com/media', '1.dkr.ecr.ap-southeast-1.amazonaws.com/media'],
  artifacts: 'artifacts',
}

const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
  'dependencies' | 'devDependencies',
  Record<string, string>
>

/** Every file and package that entries import, and what those import in turn; types alone are not needed to run. */
function reachable(entries: readonly string[]): { files: Set<string>; packages: Set<string> } {
  const files = new Set(entries)
  const packages = new Set<string>()
  for (const path of files) {
    for (const { specifier, typeOnly } of importsOf({ path, text: readFileSync(path, 'utf8') })) {
      if (typeOnly || specifier.startsWith('node:')) continue
      if (specifier.startsWith('#')) files.add(specifier.slice(1))
      else if (specifier.startsWith('.')) files.add(normalize(join(dirname(path), specifier)))
      else packages.add(/^(?:@[^/]+\/)?[^/]+/u.exec(specifier)?.[0] ?? specifier)
    }
  }
  return { files, packages }
}

const tagsOf = (words: readonly string[]) => words.filter((_, index) => words[index - 1] === '--tag')

test('both clouds get the same media image, by one push and under one digest', () => {
  const [app, media] = buildPlan(PLACE)
  expect(tagsOf(app?.arguments ?? [])).toEqual([`${PLACE.images}/app:0123456789ab`])
  expect(tagsOf(media?.arguments ?? [])).toEqual([
    `${PLACE.images}/media:0123456789ab`,
    '1.dkr.ecr.us-east-1.amazonaws.com/media:0123456789ab',
  ])
})

test('the forwarder lies under its revision, so that an older one is never replaced', () => {
  expect(buildPlan(PLACE).at(-1)?.arguments.at(-1)).toBe('s3://artifacts/forwarder/0123456789ab/index.zip')
})

describe('the Dockerfile', () => {
  const text = readFileSync('Dockerfile', 'utf8')
  const stages = text.split(/^FROM /mu).slice(1)
  const stage = (name: string) => stages.find(each => each.split('\n')[0]?.endsWith(` AS ${name}`)) ?? ''

  test('has a stage per image of the catalogue, each without root at the end', () => {
    for (const name of new Set(SERVICES.map(({ image }) => image))) {
      const users = [...stage(name).matchAll(/^USER (\w+)/gmu)].map(([, user]) => user)
      expect(users.at(-1), name).toBe('node')
    }
  })

  test('starts whatever entry it is given, as a child of an init that passes signals on', () => {
    expect(stage('app')).toContain('ENTRYPOINT ["tini", "--", "node"]')
  })

  test('holds every folder an entry of the catalogue lies in, and nothing of the tests', () => {
    for (const { entry } of SERVICES) expect(stage('app')).toContain(`COPY ${entry.split('/')[0] ?? ''} `)
    expect(readFileSync('.dockerignore', 'utf8')).toContain('**/*.test.ts')
  })

  test('holds all an entry needs: each file it reaches is copied, each package is no tool of ours', () => {
    const copied = [...stage('app').matchAll(/^COPY (\w[\w-]*) \1$/gmu)].map(([, folder = '']) => folder)
    const entries = SERVICES.map(({ entry }) => entry).filter(entry => existsSync(entry))
    expect(entries.length).toBeGreaterThan(4)
    const { files, packages } = reachable(entries)
    expect([...files].filter(file => !copied.includes(file.split('/')[0] ?? ''))).toEqual([])
    expect([...packages].filter(name => dependencies[name] === undefined)).toEqual([])
  })

  test('runs the Node that everybody runs', () => {
    expect(text).toContain(`ARG NODE=${devDependencies['node'] ?? ''}\n`)
  })

  test('names only files that are there', () => {
    const copied = [...text.matchAll(/^COPY (?!--)(.+)$/gmu)].flatMap(([, line = '']) => line.split(' ').slice(0, -1))
    expect(copied.filter(path => !existsSync(path))).toEqual([])
  })
})

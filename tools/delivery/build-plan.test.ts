import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { SERVICES } from '#shared/domain/service-catalogue.ts'
import { buildPlan } from './build-plan.ts'

const PLACE = {
  stack: 'dev',
  revision: '0123456789ab',
  images: 'us-east4-docker.pkg.dev/project/showreel-dev-images',
  mediaImages: ['1.dkr.ecr.us-east-1.amazonaws.com/media', '1.dkr.ecr.ap-southeast-1.amazonaws.com/media'],
  artifacts: 'artifacts',
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

  test('runs the Node that everybody runs', () => {
    const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      devDependencies: Record<string, string>
    }
    expect(text).toContain(`ARG NODE=${devDependencies['node'] ?? ''}\n`)
  })

  test('names only files that are there', () => {
    const copied = [...text.matchAll(/^COPY (?!--)(.+)$/gmu)].flatMap(([, line = '']) => line.split(' ').slice(0, -1))
    expect(copied.filter(path => !existsSync(path))).toEqual([])
  })
})

import { existsSync, globSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { CONFIG_KEYS } from '#infra/config.ts'
import type { ResourceGraph } from '#infra/resource-graph.ts'
import { SERVICES } from '#shared/domain/service-catalogue.ts'
import { stackGraph } from '../helpers/stack-graph.ts'

const PAGES = globSync('docs/deploy/*.md').toSorted()
const WORKFLOWS = globSync('.github/workflows/*.yml').toSorted()
const guide = readFileSync('docs/deploy/guide.md', 'utf8')
const all = new Map([...PAGES, ...WORKFLOWS].map(path => [path, readFileSync(path, 'utf8')]))
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }

let graphs: ResourceGraph[]
beforeAll(async () => {
  graphs = [await stackGraph('prod'), await stackGraph('prod', { mediaPlane: 'selfhost' })]
}, 600_000)

/** Everything a pattern's first group finds, with where it was found. */
function named(pattern: RegExp): [string, string][] {
  return [...all].flatMap(([path, text]) =>
    [...text.matchAll(pattern)].map(([, name = '']): [string, string] => [path, name]),
  )
}

test('every config key the pages name is one the program reads, and the guide explains every one', () => {
  const keys = named(/showreel:([A-Za-z0-9]+)/gu)
  expect(keys.filter(([, key]) => !CONFIG_KEYS.includes(key))).toEqual([])
  const table = guide.slice(guide.indexOf('## 4.'), guide.indexOf('## 5.'))
  expect(CONFIG_KEYS.filter(key => !table.includes(`\`showreel:${key}\``))).toEqual([])
})

test('every output the pages read is one the program gives', () => {
  const given = new Set(graphs.flatMap(({ outputs }) => Object.keys(outputs)))
  const read = named(/stack output (\w+)/gu)
  expect(read.length).toBeGreaterThan(8)
  expect(read.filter(([, name]) => !given.has(name))).toEqual([])
})

test('each resource a page deploys alone is one the program declares, its component with it', () => {
  const targets = named(/--target '([^']+)'/gu)
  expect(targets.length).toBeGreaterThan(1)
  const urns = graphs[0]?.resources ?? []
  for (const [page, target] of targets) {
    const pattern = new RegExp(`^${target.replaceAll('**', '.*')}$`, 'u')
    const [found, ...more] = urns.filter(({ urn }) => pattern.test(urn))
    expect(more, `${page}: ${target}`).toEqual([])
    const parent = urns.find(({ urn }) => urn === found?.parent)
    const parentThere =
      parent?.type === 'pulumi:pulumi:Stack' ||
      targets.some(([, other]) => new RegExp(`^${other.replaceAll('**', '.*')}$`, 'u').test(parent?.urn ?? ''))
    expect(parentThere, `${page}: ${target}`).toBe(true)
  }
})

test('every command of ours the pages type exists', () => {
  expect(named(/node (tools\/[\w/-]+\.ts)/gu).filter(([, file]) => !existsSync(file))).toEqual([])
  expect(named(/npm run (?:--silent )?(\w[\w:-]*)/gu).filter(([, name]) => scripts[name] === undefined)).toEqual([])
})

test('every job and service the pages name is in the catalogue', () => {
  const rows = new Map(SERVICES.map(({ name, kind }) => [name, kind]))
  const jobs = named(/run jobs execute ([\w-]+)/gu)
  expect(jobs.length).toBeGreaterThan(3)
  expect(jobs.filter(([, name]) => rows.get(name) !== 'job')).toEqual([])
  expect(named(/--service(?:=| )([a-z-]+)(?= )/gu).filter(([, name]) => rows.get(name) !== 'service')).toEqual([])
})

test('the guide makes the value of every secret there is', () => {
  const [, made = ''] = /for name in ([\w -]+); do\n {2}openssl rand/u.exec(guide) ?? []
  const wanted = new Set(SERVICES.flatMap(({ secrets }) => secrets))
  const alone = [...guide.matchAll(/versions add showreel-\$STACK-([a-z-]+) /gu)].map(([, name = '']) => name)
  expect([...made.split(' '), ...alone].toSorted()).toEqual([...wanted].toSorted())
})

test('the guide enables every API the program asks', () => {
  const apiOf: Record<string, string> = {
    billing: 'billingbudgets',
    cloudrunv2: 'run',
    serviceaccount: 'iam',
    projects: 'cloudresourcemanager',
  }
  const modules = new Set(
    graphs.flatMap(({ resources }) =>
      resources.flatMap(({ type }) => /^gcp:(\w+)\//u.exec(type)?.[1]?.toLowerCase() ?? []),
    ),
  )
  const asked = [...modules].map(module => `${apiOf[module] ?? module}.googleapis.com`)
  expect(asked.filter(api => !guide.includes(api))).toEqual([])
})

test('the pages lead only to pages that exist', () => {
  const links = named(/\]\(([\w./-]+\.md)\)/gu)
  expect(links.filter(([page, link]) => !existsSync(new URL(link, `file://${process.cwd()}/${page}`)))).toEqual([])
})

describe.each(WORKFLOWS)('%s', path => {
  const text = readFileSync(path, 'utf8')

  test('runs nobody’s code but at a pinned commit', () => {
    const uses = [...text.matchAll(/uses: (\S+)/gu)].map(([, action = '']) => action)
    expect(uses.length).toBeGreaterThan(0)
    expect(uses.filter(action => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/u.test(action))).toEqual([])
  })

  test('says what it may do, holds no cloud’s key, and ends', () => {
    expect(text).toMatch(/^permissions:\n {2}contents: (?:read|write)$/mu)
    expect(text).not.toMatch(/credentials_json|AWS_SECRET_ACCESS_KEY|service_account_key/u)
    const jobs = [...(text.split(/^jobs:$/mu)[1] ?? '').matchAll(/^ {2}([\w-]+):$/gmu)]
    expect(text.match(/timeout-minutes:/gu)).toHaveLength(jobs.length)
  })

  test('lets nothing a person typed into a shell as code', () => {
    const scripted = [...text.matchAll(/run: ([\s\S]*?)(?=\n {6}- |$)/gu)].map(([, script = '']) => script)
    expect(scripted.filter(script => /\$\{\{ (?:inputs|github\.event)\./u.test(script))).toEqual([])
  })
})

test('a deployment builds, migrates, deploys and then lets a synthetic show decide whether it stays', () => {
  const deploy = all.get('.github/workflows/deploy.yml') ?? ''
  const steps = ['build-images.ts', 'execute migrate', 'id: up', 'id: canary', 'Take it back', 'git push']
  const places = steps.map(step => deploy.indexOf(step))
  expect(places).not.toContain(-1)
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  expect(deploy).toContain("steps.up.outcome == 'failure' || steps.canary.outcome == 'failure'")
})

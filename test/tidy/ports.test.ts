import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const PORTS = 'shared/ports'
/** Files of a port folder that are neither its interface nor an adapter. */
const ADAPTER_SUFFIX = (port: string) => new RegExp(`^[a-z]+(?:-[a-z]+)*-${port}\\.ts$`, 'u')

function adapters(port: string): string[] {
  return readdirSync(`${PORTS}/${port}`).filter(file => ADAPTER_SUFFIX(port).test(file))
}

test('every port has an interface and an adapter', () => {
  for (const port of readdirSync(PORTS)) {
    expect(readdirSync(`${PORTS}/${port}`), port).toContain(`${port}.ts`)
    expect(adapters(port), port).not.toEqual([])
  }
})

/** Everything that runs a port's contract suite, as one text. */
function suites(port: string): string {
  return readdirSync('test/contracts')
    .filter(file => file.endsWith('.test.ts'))
    .map(file => readFileSync(`test/contracts/${file}`, 'utf8'))
    .filter(text => text.includes(`/${port}.contract.ts'`))
    .join('\n')
}

test('every adapter of every port runs its contract suite', () => {
  const missing = readdirSync(PORTS).flatMap(port => {
    const text = suites(port)
    return adapters(port).filter(file => !text.includes(file))
  })
  expect(missing).toEqual([])
})

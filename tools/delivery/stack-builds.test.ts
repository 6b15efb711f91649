import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CONFIG_KEYS } from '#infra/config.ts'
import { buildsIn, withBuilds } from './stack-builds.ts'

const BUILDS = {
  appImage: `sha256:${'a'.repeat(64)}`,
  mediaImage: `sha256:${'b'.repeat(64)}`,
  forwarderKey: 'forwarder/0123456789ab/index.zip',
  forwarderSha256: `${'B'.repeat(43)}=`,
}

test.each(['dev', 'prod'])('the file of %s takes a build and gives it back, and keeps every other line', stack => {
  const file = readFileSync(`Pulumi.${stack}.yaml`, 'utf8')
  const built = withBuilds(file, BUILDS)
  expect(buildsIn(built)).toEqual(BUILDS)
  const others = (text: string) => text.split('\n').filter(line => !/showreel:(?:\w+Image|forwarder\w+):/u.test(line))
  expect(others(built)).toEqual(others(file))
  expect(withBuilds(built, buildsIn(file))).toBe(file)
})

test('what names a build are keys the program reads', () => {
  expect(Object.keys(BUILDS).filter(key => !CONFIG_KEYS.includes(key))).toEqual([])
})

test('a file that names no build is refused, and says which is missing', () => {
  expect(() => buildsIn('config:\n  showreel:tier: dev\n')).toThrow('showreel:appImage')
  expect(() => withBuilds('config:\n', BUILDS)).toThrow('showreel:appImage')
})

import { readStackFile } from '../preview/read-stack-file.ts'

/** What names a build in a stack's file. */
const BUILD_KEYS = ['appImage', 'mediaImage', 'forwarderKey', 'forwarderSha256'] as const

/** A build: digests of its images, and the forwarder's place and hash. */
export type StackBuilds = Record<(typeof BUILD_KEYS)[number], string>

/** The builds a stack's file names; throws when it does not name them all. */
export function buildsIn(file: string): StackBuilds {
  const values = readStackFile(file)
  const found = BUILD_KEYS.map(key => {
    const value = values[`showreel:${key}`]
    if (value === undefined) throw new Error(`The stack's file does not name showreel:${key}.`)
    return [key, value]
  })
  return Object.fromEntries(found) as StackBuilds
}

/** The file naming other builds, and otherwise word for word as it was, comments included. */
export function withBuilds(file: string, builds: StackBuilds): string {
  buildsIn(file)
  return BUILD_KEYS.reduce(
    (text, key) => text.replace(new RegExp(`^  showreel:${key}:.*$`, 'mu'), () => `  showreel:${key}: ${builds[key]}`),
    file,
  )
}

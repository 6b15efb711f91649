/** One command, as it is typed; `writes` is the file its outcome is read from. */
export type BuildCommand = { title: string; command: string; arguments: readonly string[]; writes?: string }

/** Where builds of a stack go: its outputs, and what names this build. */
export type BuildPlace = {
  stack: string
  /** The commit that is built; tags are never moved. */
  revision: string
  /** Output `images`: the registry on Google Cloud, without an image's name. */
  images: string
  /** Output `mediaImages`: repositories on AWS; the first one replicates to the others. */
  mediaImages: readonly string[]
  /** Output `artifacts`: the bucket of bundles. */
  artifacts: string
}

/** Machines of both clouds. */
const PLATFORM = 'linux/amd64'
const BUNDLE = 'functions/aws-forwarder/dist/index.mjs'
const FORWARDER_CONFIG = 'functions/aws-forwarder/vite.config.ts'
/** Where outcomes of a build are kept. */
const OUTCOMES = '.cache/delivery'

/** The forwarder's zip, before it is sent. */
export const FORWARDER_ZIP = `${OUTCOMES}/forwarder.zip`

/** Object key of a build of the forwarder. */
export function forwarderKey({ revision }: BuildPlace): string {
  return `forwarder/${revision}/index.zip`
}

/** What builds and sends both images and the forwarder, in order. */
export function buildPlan(place: BuildPlace): BuildCommand[] {
  const { revision, images, mediaImages, artifacts } = place
  const media = [`${images}/media:${revision}`, ...mediaImages.slice(0, 1).map(each => `${each}:${revision}`)]
  return [
    image('app', [`${images}/app:${revision}`]),
    image('media', media),
    { title: 'bundle the forwarder', command: 'vite', arguments: ['build', '--config', FORWARDER_CONFIG] },
    {
      title: 'pack the forwarder',
      // Without folders and without what only this machine knows of the file.
      command: 'zip',
      arguments: ['--junk-paths', '-X', '--quiet', FORWARDER_ZIP, BUNDLE],
    },
    {
      title: 'send the forwarder',
      command: 'aws',
      arguments: ['s3', 'cp', '--only-show-errors', FORWARDER_ZIP, `s3://${artifacts}/${forwarderKey(place)}`],
    },
  ]
}

function image(target: string, tags: readonly string[]): BuildCommand {
  const writes = `${OUTCOMES}/${target}.json`
  const flags = ['--platform', PLATFORM, '--target', target, '--provenance=true', '--sbom=true']
  return {
    title: `build and send the image ${target}`,
    command: 'docker',
    arguments: [
      'buildx',
      'build',
      ...flags,
      ...tags.flatMap(tag => ['--tag', tag]),
      '--metadata-file',
      writes,
      '--push',
      '.',
    ],
    writes,
  }
}

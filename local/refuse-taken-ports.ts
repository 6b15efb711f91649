import type { Addresses } from './child-specs.ts'
import { isPortFree } from './supervisor/free-port.ts'

const VARIABLES: readonly (readonly [keyof Addresses, string])[] = [
  ['port', 'PORT'],
  ['mediaPort', 'MEDIA_PORT'],
  ['rtmpPort', 'RTMP_PORT'],
]

/** Throws one sentence that names every port somebody else listens on, and the settings that change them. */
export async function refuseTakenPorts(addresses: Addresses): Promise<void> {
  const taken: string[] = []
  for (const [name, variable] of VARIABLES) {
    if (!(await isPortFree(addresses[name]))) taken.push(`${variable}=${addresses[name]}`)
  }
  if (taken.length === 0) return
  throw new Error(
    `Another program listens on ${taken.join(' and ')}; end it, or choose other ports, for example PORT=9080 MEDIA_PORT=9081 RTMP_PORT=2935 npm start.`,
  )
}

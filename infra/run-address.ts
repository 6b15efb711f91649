import type { Plan } from './component.ts'

/** The address Cloud Run gives a service of a known name; known before it exists, so pushes need not wait for it. */
export function runAddress({ config }: Plan, service: string, region = config.gcp.home): string {
  return `https://${service}-${config.gcp.projectNumber}.${region}.run.app`
}

import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Why there is nothing to check with, and whether that is a failure. */
export type Missing = { says: string; expected: boolean }

/**
 * What the check lacks; undefined when it can run. `SHOWREEL_TERRAFORM_MIRROR` names a directory as `terraform providers
 * mirror` makes it, with hashicorp/aws 5.100. Where it is named and `REQUIRE_EMULATORS=1`, a lack is a failure.
 */
export function missingTerraform(environment: NodeJS.ProcessEnv): Missing | undefined {
  const mirror = environment['SHOWREEL_TERRAFORM_MIRROR'] ?? ''
  if (mirror === '') return { says: 'skipped: SHOWREEL_TERRAFORM_MIRROR names no provider mirror', expected: false }
  const expected = environment['REQUIRE_EMULATORS'] === '1'
  if (!existsSync(join(mirror, 'registry.terraform.io', 'hashicorp', 'aws'))) {
    return { says: 'skipped: SHOWREEL_TERRAFORM_MIRROR holds no hashicorp/aws', expected }
  }
  const found = (environment['PATH'] ?? '').split(delimiter).some(folder => existsSync(join(folder, 'terraform')))
  return found ? undefined : { says: 'skipped: terraform is not on PATH', expected }
}

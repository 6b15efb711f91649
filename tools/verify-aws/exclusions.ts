type Exclusion = {
  why: string
  /** What is said instead, where the provider wants something. */
  instead?: string
}

/** What HashiCorp's provider 5.100 cannot know, each with the reason; nothing else is left out of the check. */
const EXCLUSIONS: Readonly<Record<string, Exclusion>> = {
  aws_s3control_multi_region_access_point_routes: {
    why: 'came with a later provider; the access point and its policy are checked',
  },
  'aws_lambda_function.runtime': { why: 'nodejs24.x came later', instead: 'nodejs22.x' },
}

/** How a resource type, or `type.property`, is left out; undefined when it is not. */
export function exclusionOf(what: string): Exclusion | undefined {
  return EXCLUSIONS[what]
}

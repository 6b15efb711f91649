import * as gcp from '@pulumi/gcp'
import * as pulumi from '@pulumi/pulumi'
import { Component, physicalName, type Plan } from './component.ts'

/** Which of the product's two images. */
export type ImageName = 'app' | 'media'

/** Builds kept for a rollback, per image, however old. */
const BUILDS_KEPT = 20
/** Age at which other builds go, in s. */
const BUILD_LIFE = `${90 * 86_400}s`

/** Where images lie on Google Cloud; nothing but a digest is ever run. */
export class ServicesImage extends Component {
  readonly repository: gcp.artifactregistry.Repository
  readonly #plan: Plan

  constructor(plan: Plan) {
    super('Images', 'images', plan)
    this.#plan = plan
    this.repository = new gcp.artifactregistry.Repository(
      'images',
      {
        location: plan.config.gcp.home,
        repositoryId: physicalName(plan, 'images'),
        format: 'DOCKER',
        dockerConfig: { immutableTags: true },
        vulnerabilityScanningConfig: { enablementConfig: 'INHERITED' },
        cleanupPolicies: [
          { id: 'keep-newest', action: 'KEEP', mostRecentVersions: { keepCount: BUILDS_KEPT } },
          { id: 'drop-old', action: 'DELETE', condition: { olderThan: BUILD_LIFE } },
        ],
      },
      this.kept,
    )
    this.registerOutputs({})
  }

  /** Where builds are pushed, without an image's name. */
  address(): pulumi.Output<string> {
    const { gcp: google } = this.#plan.config
    return pulumi.interpolate`${google.home}-docker.pkg.dev/${google.project}/${this.repository.repositoryId}`
  }

  /** An image by the digest the stack's config names. */
  image(name: ImageName): pulumi.Output<string> {
    return pulumi.interpolate`${this.address()}/${name}@${this.#plan.config.images[name]}`
  }
}

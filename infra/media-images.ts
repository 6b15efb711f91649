import * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'
import { Component, physicalName, type Plan } from './component.ts'

/** Builds kept for a rollback; older ones go. */
const BUILDS_KEPT = 20
const IMAGE = 'media'

/** Where the media image lies on AWS, in each region that runs it; nothing but a digest is ever run. */
export class MediaImages extends Component {
  readonly repositories: Readonly<Record<string, aws.ecr.Repository>>
  readonly #plan: Plan

  constructor(plan: Plan) {
    super('MediaImages', 'media-images', plan)
    this.#plan = plan
    const { home, pair, accountId } = plan.config.aws
    const regions = plan.config.mediaPlane === 'selfhost' ? [home, pair] : [home]
    this.repositories = Object.fromEntries(regions.map(region => [region, this.#repository(region)]))
    if (regions.length > 1) {
      new aws.ecr.ReplicationConfiguration(
        'media',
        {
          region: home,
          replicationConfiguration: {
            rules: [
              {
                destinations: [{ region: pair, registryId: accountId }],
                repositoryFilters: [{ filter: physicalName(plan, IMAGE), filterType: 'PREFIX_MATCH' }],
              },
            ],
          },
        },
        this.own,
      )
    }
    this.registerOutputs({})
  }

  repository(region: string): aws.ecr.Repository {
    const repository = this.repositories[region]
    if (repository === undefined) throw new Error(`No image is kept in ${region}.`)
    return repository
  }

  /** The image by the digest the stack's config names. */
  image(region: string): pulumi.Output<string> {
    return pulumi.interpolate`${this.repository(region).repositoryUrl}@${this.#plan.config.images.media}`
  }

  #repository(region: string): aws.ecr.Repository {
    const name = `${IMAGE}-${region}`
    const repository = new aws.ecr.Repository(
      name,
      {
        region,
        name: physicalName(this.#plan, IMAGE),
        imageTagMutability: 'IMMUTABLE',
        forceDelete: !this.#plan.sizing.protect,
        imageScanningConfiguration: { scanOnPush: true },
        encryptionConfigurations: [{ encryptionType: 'AES256' }],
      },
      this.kept,
    )
    new aws.ecr.LifecyclePolicy(
      name,
      {
        region,
        repository: repository.name,
        policy: pulumi.jsonStringify({
          rules: [
            {
              rulePriority: 1,
              description: `Keep the last ${BUILDS_KEPT} builds`,
              selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: BUILDS_KEPT },
              action: { type: 'expire' },
            },
          ],
        }),
      },
      this.own,
    )
    return repository
  }
}

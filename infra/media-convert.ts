import * as aws from '@pulumi/aws'
import type * as pulumi from '@pulumi/pulumi'
import { grant, serviceRole } from './aws-policy.ts'
import { Component, physicalName, type Plan } from './component.ts'
import { googleServices, type Identity } from './identity.ts'
import type { Media } from './media.ts'

/** VOD encodes by AWS: a queue that costs nothing idle, a reserved one where slots are paid for, and who may use them. */
export class MediaConvert extends Component {
  readonly queue: aws.mediaconvert.Queue
  readonly role: aws.iam.Role

  constructor(plan: Plan, { media, identity }: { media: Media; identity: Identity }) {
    super('MediaConvert', 'media-convert', plan)
    const { home: region, accountId } = plan.config.aws
    this.queue = this.#queue(plan, 'vod', region, {})
    const slots = plan.config.mediaConvertSlots
    const reserved =
      slots === 0
        ? undefined
        : this.#queue(plan, 'vod-reserved', region, {
            pricingPlan: 'RESERVED',
            reservationPlanSettings: { commitment: 'ONE_YEAR', renewalType: 'EXPIRE', reservedSlots: slots },
          })
    this.role = serviceRole('media-convert', 'mediaconvert.amazonaws.com', accountId, this.own)
    grant(
      'media-convert',
      this.role,
      [
        { Effect: 'Allow', Action: 's3:GetObject', Resource: media.home.objects(['uploads/', 'ivs/', 'play/']) },
        { Effect: 'Allow', Action: 's3:PutObject', Resource: media.home.objects(['play/', 'staging/']) },
      ],
      this.own,
    )
    const queues = [this.queue, ...(reserved === undefined ? [] : [reserved])].map(({ arn }) => arn)
    for (const { name, uses } of googleServices()) {
      const role = identity.roles[name]
      if (uses.includes('transcode') && role !== undefined) this.#letEncode(name, role, queues, plan)
    }
    this.registerOutputs({})
  }

  #queue(
    plan: Plan,
    name: string,
    region: string,
    reserved: Pick<aws.mediaconvert.QueueArgs, 'pricingPlan' | 'reservationPlanSettings'>,
  ): aws.mediaconvert.Queue {
    return new aws.mediaconvert.Queue(name, { region, name: physicalName(plan, name), ...reserved }, this.own)
  }

  #letEncode(name: string, role: aws.iam.Role, queues: pulumi.Output<string>[], { config }: Plan): void {
    const { home, accountId } = config.aws
    grant(
      `${name}-encodes`,
      role,
      [
        { Effect: 'Allow', Action: 'mediaconvert:CreateJob', Resource: queues },
        {
          Effect: 'Allow',
          Action: ['mediaconvert:GetJob', 'mediaconvert:CancelJob'],
          Resource: `arn:aws:mediaconvert:${home}:${accountId}:jobs/*`,
        },
        {
          Effect: 'Allow',
          Action: 'iam:PassRole',
          Resource: this.role.arn,
          Condition: { StringEquals: { 'iam:PassedToService': 'mediaconvert.amazonaws.com' } },
        },
      ],
      this.own,
    )
  }
}

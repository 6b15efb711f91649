import * as aws from '@pulumi/aws'
import { Component, physicalName, type Plan } from './component.ts'
import { MediaBucket } from './media-bucket.ts'
import { PLAYBACK_TOKEN_FUNCTION } from './playback-token-function.ts'
import { replicate } from './replication.ts'

/** Where media lies, in two regions, and the edge's check of who may play it. */
export class Media extends Component {
  readonly home: MediaBucket
  readonly pair: MediaBucket

  constructor(plan: Plan) {
    super('Media', 'media', plan)
    this.home = new MediaBucket(plan.config.aws.home, plan, this)
    this.pair = new MediaBucket(plan.config.aws.pair, plan, this)
    this.home.letRead([])
    this.pair.letRead([])
    replicate(this.home, this.pair, plan, this.own)
    replicate(this.pair, this.home, plan, this.own)
    const store = new aws.cloudfront.KeyValueStore('playback', { name: physicalName(plan, 'playback') }, this.own)
    new aws.cloudfront.Function(
      'playback-token',
      {
        runtime: 'cloudfront-js-2.0',
        publish: true,
        code: PLAYBACK_TOKEN_FUNCTION,
        keyValueStoreAssociations: [store.arn],
      },
      this.own,
    )
    this.registerOutputs({})
  }
}

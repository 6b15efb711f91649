import { Component, type Plan } from './component.ts'
import { MediaBucket } from './media-bucket.ts'
import { replicate } from './replication.ts'

/** Where media lies, in two regions, each a copy of the other in everything viewers need. */
export class Media extends Component {
  readonly home: MediaBucket
  readonly pair: MediaBucket

  constructor(plan: Plan) {
    super('Media', 'media', plan)
    this.home = new MediaBucket(plan.config.aws.home, plan, this)
    this.pair = new MediaBucket(plan.config.aws.pair, plan, this)
    replicate(this.home, this.pair, plan, this.own)
    replicate(this.pair, this.home, plan, this.own)
    this.registerOutputs({})
  }

  get buckets(): readonly MediaBucket[] {
    return [this.home, this.pair]
  }
}

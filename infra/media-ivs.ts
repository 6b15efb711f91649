import * as aws from '@pulumi/aws'
import { Component, physicalName, type Plan } from './component.ts'
import type { Media } from './media.ts'

/** How long a publisher may be gone and still be recorded as one show, in s. */
const RECONNECT_S = 120
const THUMBNAIL_EVERY_S = 10

/** What Amazon IVS needs of us: where it records, which key signs playback, and the channel synthetic shows use. */
export class MediaIvs extends Component {
  readonly recording: aws.ivs.RecordingConfiguration
  readonly keyPair: aws.ivs.PlaybackKeyPair
  readonly canary: aws.ivs.Channel

  constructor(plan: Plan, media: Media) {
    super('MediaIvs', 'media-ivs', plan)
    const region = plan.config.aws.home
    this.recording = new aws.ivs.RecordingConfiguration(
      'recordings',
      {
        region,
        name: physicalName(plan, 'recordings'),
        destinationConfiguration: { s3: { bucketName: media.home.bucket.bucket } },
        recordingReconnectWindowSeconds: RECONNECT_S,
        thumbnailConfiguration: { recordingMode: 'INTERVAL', targetIntervalSeconds: THUMBNAIL_EVERY_S },
      },
      // A change to it is a new one, and channels name the old one while shows run.
      { ...this.own, deleteBeforeReplace: false },
    )
    this.keyPair = new aws.ivs.PlaybackKeyPair(
      'playback',
      { region, name: physicalName(plan, 'playback'), publicKey: plan.config.playbackPublicKey },
      this.own,
    )
    this.canary = new aws.ivs.Channel(
      'canary',
      {
        region,
        name: physicalName(plan, 'canary'),
        type: 'BASIC',
        latencyMode: 'LOW',
        authorized: false,
        recordingConfigurationArn: this.recording.arn,
      },
      this.own,
    )
    this.registerOutputs({})
  }
}

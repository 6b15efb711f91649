import * as aws from '@pulumi/aws'
import * as gcp from '@pulumi/gcp'
import * as pulumi from '@pulumi/pulumi'
import { Component, type Plan } from './component.ts'
import { EDGE_REGION } from './names.ts'

/** Where the AWS side of an alarm goes, by region, and the Google side. */
export class Alerting extends Component {
  readonly topics: Readonly<Record<string, aws.sns.Topic>>
  readonly channel: gcp.monitoring.NotificationChannel

  constructor(plan: Plan) {
    super('Alerting', 'alerting', plan)
    const { aws: regions, alertEmail } = plan.config
    this.topics = Object.fromEntries(
      [...new Set([regions.home, regions.pair, EDGE_REGION])].map(region => [
        region,
        this.#topic(region, alertEmail, plan),
      ]),
    )
    this.channel = new gcp.monitoring.NotificationChannel(
      'on-call',
      { displayName: 'Showreel on call', type: 'email', labels: { email_address: alertEmail } },
      this.own,
    )
    this.registerOutputs({})
  }

  /** The alarm topic of a region; throws where there is none. */
  topic(region: string): aws.sns.Topic {
    const topic = this.topics[region]
    if (topic === undefined) throw new Error(`There is no alarm topic in ${region}.`)
    return topic
  }

  #topic(region: string, email: string, { config }: Plan): aws.sns.Topic {
    // No key of AWS's own: its policy cannot be changed, and neither alarms nor budgets may use it, so they would be lost.
    const topic = new aws.sns.Topic(`alarms-${region}`, { region }, this.own)
    new aws.sns.TopicPolicy(
      `alarms-${region}`,
      {
        region,
        arn: topic.arn,
        policy: pulumi.jsonStringify({
          Version: '2012-10-17',
          Statement: [
            {
              Sid: 'AlarmsOfThisAccount',
              Effect: 'Allow',
              Principal: { Service: ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'] },
              Action: 'sns:Publish',
              Resource: topic.arn,
              Condition: { StringEquals: { 'aws:SourceAccount': config.aws.accountId } },
            },
          ],
        }),
      },
      this.own,
    )
    new aws.sns.TopicSubscription(
      `alarms-${region}`,
      { region, topic: topic.arn, protocol: 'email', endpoint: email },
      this.own,
    )
    return topic
  }
}

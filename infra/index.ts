import * as pulumi from '@pulumi/pulumi'
import { AnalyticsEvents } from './analytics-events.ts'
import { Analytics } from './analytics.ts'
import { Alerting } from './alerting.ts'
import { Budget } from './budget.ts'
import { Bus } from './bus.ts'
import type { Plan } from './component.ts'
import { ConfigError, type InfraConfig, readConfig } from './config.ts'
import { Dashboards } from './dashboards.ts'
import { Data } from './data.ts'
import { Handoff } from './handoff.ts'
import { Identity } from './identity.ts'
import { LoadBalancer } from './load-balancer.ts'
import { Media } from './media.ts'
import { mediaSide } from './media-side.ts'
import { Names, namesOf } from './names.ts'
import { Network } from './network.ts'
import { Observability } from './observability.ts'
import { ServicesImage } from './services-image.ts'
import { ServicesSchedule } from './services-schedule.ts'
import { ServicesSecrets } from './services-secrets.ts'
import { Services } from './services.ts'
import { sizingOf } from './sizing.ts'
import { SloAlerts } from './slo-alerts.ts'

/** What runs; needs images and the values of secrets, so a new account is first deployed without it. */
function running(plan: Plan, names: Names, others: ConstructorParameters<typeof Services>[1]) {
  const services = new Services(plan, others)
  new ServicesSchedule(plan, { identity: others.identity, services })
  const door = new LoadBalancer(plan, { services, names })
  return { doorAddress: door.address.address, doorProof: door.proof }
}

/** The stack's config; what is wrong with it is said in plain words, without where in the code it was noticed. */
function configOf(stack: string): InfraConfig {
  const values = new pulumi.Config('showreel')
  try {
    return readConfig(stack, key => values.get(key))
  } catch (error) {
    throw error instanceof ConfigError ? new pulumi.RunError(error.message) : error
  }
}

export default function program(): Record<string, unknown> {
  const config = configOf(pulumi.getStack())
  const plan = { config, sizing: sizingOf(config) }

  const alerting = new Alerting(plan)
  const identity = new Identity(plan)
  const media = new Media(plan)
  const mediaNames = new Names(plan)
  const network = new Network(plan)
  const bus = new Bus(plan, identity)
  const data = new Data(plan, identity, network)
  const handoff = new Handoff(plan, { alerting, identity, media, bus })
  const images = new ServicesImage(plan)
  const secrets = new ServicesSecrets(plan, identity)
  const side = mediaSide(plan, { alerting, identity, media, names: mediaNames, secrets })
  new Observability(plan, { alerting, bus })
  new Budget(plan, alerting)
  const dashboards = new Dashboards(plan)
  const events = new AnalyticsEvents(plan, bus)
  const analytics = new Analytics(plan, { events, data, network })
  const full = config.stage === 'full'
  if (full) new SloAlerts(plan, alerting)
  const door = full
    ? running(plan, mediaNames, { identity, network, bus, data, media, images, mediaVariables: side.variables })
    : {}
  return {
    api: `https://${namesOf(plan).app}`,
    ...door,
    images: images.address(),
    ...side.outputs,
    domainProof: mediaNames.validationRecord(),
    artifacts: handoff.artifacts.bucket,
    queues: [handoff.events.queue.url, handoff.events.dead.url],
    topics: Object.keys(bus.topics),
    taskQueues: Object.keys(data.queues),
    spanner: data.instance.name,
    database: data.database.name,
    roles: Object.fromEntries(Object.entries(identity.roles).map(([name, { arn }]) => [name, arn])),
    dashboards: dashboards.addresses,
    analystViews: Object.values(events.views),
    exports: analytics.exports.url,
  }
}

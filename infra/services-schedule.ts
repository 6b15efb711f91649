import * as gcp from '@pulumi/gcp'
import { SERVICES } from '#shared/domain/service-catalogue.ts'
import { Component, type Plan } from './component.ts'
import type { Identity } from './identity.ts'
import { servedRegions, type Services } from './services.ts'

/** Minutes of an hour, and of a day. */
const HOUR_MIN = 60
const START_DEADLINE = '60s'
const START_RETRIES = 2

/** Starts the synthetic show in every served region, again and again. */
export class ServicesSchedule extends Component {
  constructor(plan: Plan, { identity, services }: { identity: Identity; services: Services }) {
    super('Schedule', 'schedule', plan)
    const row = SERVICES.find(({ name }) => name === 'canary')
    const regions = row === undefined ? [] : servedRegions(plan, row)
    for (const [index, region] of regions.entries()) {
      const job = services.jobs[`canary ${region}`]
      if (job === undefined) continue
      new gcp.cloudrunv2.JobIamMember(
        `scheduler-${region}`,
        {
          name: job.name,
          location: region,
          role: 'roles/run.invoker',
          member: identity.account('scheduler').member,
        },
        this.own,
      )
      new gcp.cloudscheduler.Job(
        `canary-${region}`,
        {
          region,
          description: `A synthetic show from ${region}`,
          schedule: every(plan.sizing.canaryMinutes, index),
          timeZone: 'Etc/UTC',
          attemptDeadline: START_DEADLINE,
          retryConfig: { retryCount: START_RETRIES },
          httpTarget: {
            httpMethod: 'POST',
            uri: `https://run.googleapis.com/v2/projects/${plan.config.gcp.project}/locations/${region}/jobs/canary:run`,
            oauthToken: { serviceAccountEmail: identity.account('scheduler').email },
          },
        },
        { ...this.own, dependsOn: job },
      )
    }
    this.registerOutputs({})
  }
}

/** Cron for every so many minutes; regions take turns, so that two synthetic shows never start together. */
function every(minutes: number, index: number): string {
  if (minutes >= HOUR_MIN) return `${index * 10} */${Math.floor(minutes / HOUR_MIN)} * * *`
  return `${(index * Math.floor(minutes / 2)) % minutes}-59/${minutes} * * * *`
}

import * as gcp from '@pulumi/gcp'
import * as pulumi from '@pulumi/pulumi'
import { Component, physicalName, type Plan } from './component.ts'
import { cloudJson } from './dashboards-cloud.ts'
import { grafanaJson } from './dashboards-grafana.ts'
import { DASHBOARD_PAGES } from './dashboards-panels.ts'

/** Versions of a dashboard kept. */
const VERSIONS_KEPT = 10
/** Pages that show what only one machine has. */
const ONE_MACHINE = 'showreel-one-machine'

/** The dashboards: in Cloud Monitoring, and as files a Grafana is provisioned from. */
export class Dashboards extends Component {
  /** Where each page is: in Cloud Monitoring, and as Grafana's JSON. */
  readonly addresses: pulumi.Output<string>[]

  constructor(plan: Plan) {
    super('Dashboards', 'dashboards', plan)
    const bucket = new gcp.storage.Bucket(
      'operations',
      {
        name: physicalName(plan, 'operations'),
        location: plan.config.gcp.home,
        uniformBucketLevelAccess: true,
        publicAccessPrevention: 'enforced',
        versioning: { enabled: true },
        lifecycleRules: [{ action: { type: 'Delete' }, condition: { numNewerVersions: VERSIONS_KEPT } }],
        forceDestroy: !plan.sizing.protect,
      },
      this.own,
    )
    this.addresses = DASHBOARD_PAGES.flatMap(page => {
      const file = new gcp.storage.BucketObject(
        page.name,
        {
          bucket: bucket.name,
          name: `grafana/${page.name}.json`,
          content: grafanaJson(page),
          contentType: 'application/json',
        },
        this.own,
      )
      const object = pulumi.interpolate`gs://${bucket.name}/${file.name}`
      if (page.name === ONE_MACHINE) return [object]
      const board = new gcp.monitoring.Dashboard(page.name, { dashboardJson: cloudJson(page) }, this.own)
      // The id is projects/<number>/dashboards/<id>.
      const id = board.id.apply(path => path.split('/').at(-1) ?? '')
      const { project } = plan.config.gcp
      return [
        pulumi.interpolate`https://console.cloud.google.com/monitoring/dashboards/builder/${id}?project=${project}`,
        object,
      ]
    })
    this.registerOutputs({})
  }
}

import { Spanner } from '@google-cloud/spanner'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RECORD_STREAMS } from '#infra/analytics.ts'
import { type GraphResource, ofType, type ResourceGraph } from '#infra/resource-graph.ts'
import { SUBSCRIPTIONS, TOPICS } from '#shared/domain/topology.ts'
import { type EmulatorProcess, missingEmulator, startEmulator } from '../helpers/emulators/emulator-process.ts'
import { pubsubServiceEmulator } from '../helpers/emulators/pubsub-service-emulator.ts'
import { startSpannerDatabases, type SpannerDatabases } from '../helpers/emulators/spanner-databases.ts'
import { spannerEmulator } from '../helpers/emulators/spanner-emulator.ts'
import { stackGraph } from '../helpers/stack-graph.ts'

const PROJECT = 'showreel-prod'

let graph: ResourceGraph
beforeAll(async () => {
  graph = await stackGraph('prod')
}, 600_000)

describe.skipIf(missingEmulator(pubsubServiceEmulator) !== undefined)('on the Pub/Sub emulator', () => {
  let emulator: EmulatorProcess
  beforeAll(async () => {
    emulator = await startEmulator(pubsubServiceEmulator)
    for (const topic of topics()) await put('topics', topic, topic.inputs)
    for (const subscription of subscriptions()) await put('subscriptions', subscription, asSent(subscription))
  }, 90_000)
  afterAll(() => emulator?.[Symbol.asyncDispose]())

  const topics = () => ofType(graph, 'gcp:pubsub/topic:Topic')
  /** Those that BigQuery reads are left out: the emulator has no BigQuery. */
  const subscriptions = () =>
    ofType(graph, 'gcp:pubsub/subscription:Subscription').filter(({ inputs }) => !('bigqueryConfig' in inputs))

  const address = (kind: string, name: string) => `http://${emulator.address}/v1/projects/${PROJECT}/${kind}/${name}`

  async function put(kind: string, { inputs }: GraphResource, body: object): Promise<void> {
    const { name, ...rest } = body as { name: string }
    const answer = await fetch(address(kind, name), {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(rest),
    })
    if (!answer.ok) throw new Error(`${kind} ${String(inputs['name'])}: ${answer.status} ${await answer.text()}`)
  }

  const read = async (kind: string, name: string) =>
    (await (await fetch(address(kind, name))).json()) as Record<string, unknown>

  test('every topic of the topology and every place for dead letters exists', async () => {
    const wanted = [...TOPICS.map(({ name }) => name), ...SUBSCRIPTIONS.map(({ name }) => `${name}--dead`)]
    for (const name of wanted) {
      expect(await read('topics', name)).toMatchObject({
        name: `projects/${PROJECT}/topics/${name}`,
        messageRetentionDuration: '604800s',
      })
    }
  })

  test('every subscription is what its row says: topic, order, filter, deadline, dead letters, signed push', async () => {
    for (const row of SUBSCRIPTIONS) {
      const { name, topic, service, ordered, ackDeadlineS, attempts } = row
      const made = await read('subscriptions', name)
      expect(made, name).toMatchObject({
        topic: `projects/${PROJECT}/topics/${topic}`,
        ackDeadlineSeconds: ackDeadlineS,
        enableMessageOrdering: ordered,
        deadLetterPolicy: {
          deadLetterTopic: `projects/${PROJECT}/topics/${name}--dead`,
          maxDeliveryAttempts: attempts,
        },
        pushConfig: {
          pushEndpoint: expect.stringMatching(new RegExp(`^https://${service}-\\d+\\..*/push/${name}$`, 'u')) as string,
          oidcToken: { audience: service },
        },
      })
      const events: readonly string[] = row.events === 'all' ? [] : row.events
      for (const type of events) expect(made['filter'], name).toContain(`attributes.type = "${type}"`)
    }
  })

  test('the news of dead jobs waits for a person, who is pushed nothing', async () => {
    const mailbox = await read('subscriptions', 'dead-jobs')
    expect(mailbox).toMatchObject({ filter: 'attributes.type = "job.dead"', topic: `projects/${PROJECT}/topics/jobs` })
    expect((mailbox['pushConfig'] as { pushEndpoint?: string } | undefined)?.pushEndpoint).toBeUndefined()
  })
})

/** What Google's provider sends for a subscription: names in full, known values for what others decide, no empty policy. */
function asSent({ inputs }: GraphResource): object {
  const known = JSON.parse(
    JSON.stringify(inputs)
      .replaceAll(/\$\{Topic\.([\w-]+)\.id\}/gu, `projects/${PROJECT}/topics/$1`)
      .replaceAll(/\$\{Account\.([\w-]+)\.email\}/gu, `prod-$1@${PROJECT}.iam.gserviceaccount.com`),
  ) as Record<string, unknown>
  const { expirationPolicy: _never, ...sent } = known
  return { ...sent, topic: `projects/${PROJECT}/topics/${String(inputs['topic'])}`, expirationPolicy: {} }
}

describe.skipIf(missingEmulator(spannerEmulator) !== undefined)('on the Spanner emulator', () => {
  let databases: SpannerDatabases
  beforeAll(async () => {
    databases = await startSpannerDatabases()
  }, 60_000)
  afterAll(() => databases?.[Symbol.asyncDispose]())

  test('the database of the graph takes the real migrations, and has the change streams the pipelines follow', async () => {
    const declared = ofType(graph, 'gcp:spanner/database:Database').find(({ name }) => name === 'showreel')
    expect(declared?.inputs).toMatchObject({ databaseDialect: 'POSTGRESQL', name: 'showreel' })
    // Statements here would replace the database when one of them is edited.
    expect(declared?.inputs['ddls']).toBeUndefined()
    const made = await databases.create(String(declared?.inputs['name']))
    const spanner = new Spanner({ projectId: made.projectId, disableBuiltInMetrics: true })
    try {
      const database = spanner.instance(made.instance).database(made.database)
      const [rows] = await database.run({
        sql: 'SELECT change_stream_name AS name FROM information_schema.change_streams',
        json: true,
      })
      const names = (rows as unknown as { name: string }[]).map(({ name }) => name)
      expect(names.toSorted()).toEqual(['events_out', ...RECORD_STREAMS].toSorted())
    } finally {
      await spanner.close()
    }
  })
})

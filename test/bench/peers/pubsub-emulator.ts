import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { findProgram } from '../../../local/provision.ts'
import { freePort } from '../../../local/supervisor/free-port.ts'
import { MissingPeer } from '../bench-row.ts'
import { until } from '../until.ts'
import { installPeers, loadPeer } from './install-peers.ts'
import { startPeer } from './peer-process.ts'

/** What the bench uses of `@google-cloud/pubsub`; the package itself stays out of the product's compiler. */
type PublisherTopic = {
  publishMessage(message: { data: Buffer; orderingKey: string; attributes: Record<string, string> }): Promise<string>
  createSubscription(name: string, options: object): Promise<unknown>
}
type PubsubClient = {
  createTopic(name: string): Promise<unknown>
  topic(name: string, options: object): PublisherTopic
  close(): Promise<void>
}
type PubsubModule = {
  PubSub: new (options: { projectId: string; apiEndpoint: string; emulatorMode: boolean }) => PubsubClient
}

export type PubsubEmulator = AsyncDisposable & {
  /** A topic whose ordered push subscription POSTs to the endpoint. `batched` publishes as the client does by itself. */
  topic(name: string, endpoint: string, options: { batched: boolean }): Promise<PublisherTopic>
}

/** Longest the emulator may take to listen, in ms. */
const START_MS_MAX = 30_000

function emulatorFolder(): string {
  const { stdout } = spawnSync('gcloud', ['info', '--format=value(installation.sdk_root)'], { encoding: 'utf8' })
  const folder = join((stdout ?? '').trim(), 'platform', 'pubsub-emulator')
  if (findProgram('gcloud') === undefined || !existsSync(folder)) {
    throw new MissingPeer('the Pub/Sub emulator is absent (apt-get install google-cloud-cli-pubsub-emulator).')
  }
  if (findProgram('java') === undefined) throw new MissingPeer('the Pub/Sub emulator needs java.')
  return folder
}

async function listens(port: number): Promise<true | undefined> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(undefined))
  })
}

/** Google's own emulator and client. Throws `MissingPeer`. */
export async function pubsubEmulator(say: (text: string) => void): Promise<PubsubEmulator> {
  const folder = emulatorFolder()
  installPeers(say)
  // There is no cloud to ask where this runs.
  process.env['METADATA_SERVER_DETECTION'] = 'none'
  const { PubSub } = await loadPeer<PubsubModule>('@google-cloud/pubsub')
  const port = await freePort()
  const program = join(folder, 'bin', 'cloud-pubsub-emulator')
  const peer = startPeer(program, ['--host=127.0.0.1', `--port=${port}`])
  await until(() => listens(port), { what: 'the Pub/Sub emulator to listen', withinMs: START_MS_MAX })
  const client = new PubSub({ projectId: 'bench', apiEndpoint: `127.0.0.1:${port}`, emulatorMode: true })
  const batching = { batched: undefined, single: { maxMessages: 1, maxMilliseconds: 1 } }
  return {
    topic: async (name, endpoint, { batched }) => {
      await client.createTopic(name)
      const topic = client.topic(name, {
        messageOrdering: true,
        batching: batched ? batching.batched : batching.single,
      })
      await topic.createSubscription(`${name}-push`, {
        enableMessageOrdering: true,
        ackDeadlineSeconds: 30,
        pushConfig: { pushEndpoint: endpoint },
      })
      return topic
    },
    [Symbol.asyncDispose]: async () => {
      await client.close()
      await peer[Symbol.asyncDispose]()
    },
  }
}

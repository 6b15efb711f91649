import { afterAll, beforeAll, describe } from 'vitest'
import { redisBroadcast } from '#shared/ports/broadcast/redis-broadcast.ts'
import { type RedisLink, redisLink } from '#shared/ports/broadcast/redis-link.ts'
import { redisCounters } from '#shared/ports/counters/redis-counters.ts'
import { secretManagerSecrets } from '#shared/ports/secrets/secret-manager-secrets.ts'
import { createLog } from '#shared/service/log.ts'
import { broadcastContract } from '../contracts/broadcast.contract.ts'
import { countersContract } from '../contracts/counters.contract.ts'
import { secretsContract } from '../contracts/secrets.contract.ts'
import { eventually } from '../helpers/eventually.ts'
import { LIVE, without } from './live-settings.ts'

const { redisUrl, project: projectId, secretsPrefix: prefix } = LIVE

describe.skipIf(redisUrl === '')(`Redis itself${redisUrl === '' ? without('VERIFY_REDIS_URL') : ''}`, () => {
  const parts = new DisposableStack()
  let link: RedisLink
  beforeAll(async () => {
    link = parts.use(redisLink({ url: redisUrl, log: createLog({ service: 'verify', level: 'silent' }) }))
    await eventually(() => link.isUp())
  })
  afterAll(() => parts.dispose())
  describe('the counters contract', () => {
    countersContract(() => redisCounters({ link, now: Date.now }))
  })
  describe('the broadcast contract', () => {
    broadcastContract(() => redisBroadcast({ link }))
  })
})

describe.skipIf(projectId === '')(
  `Secret Manager itself${projectId === '' ? without('VERIFY_GOOGLE_PROJECT', 'VERIFY_SECRETS_PREFIX') : ''}`,
  () => {
    const parts = new AsyncDisposableStack()
    afterAll(async () => await parts.disposeAsync())
    secretsContract(() => parts.use(secretManagerSecrets({ projectId, prefix })))
  },
)

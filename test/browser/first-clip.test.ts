import { test } from 'vitest'
import { startPlatform } from '../helpers/platform.ts'
import { clipJourney } from './clip-journey.ts'
import { demoOnAir } from './watch-journey.ts'

const TEST_MS_MAX = 600_000

test(
  'a stranger clips what they just saw: it plays, becomes a vertical clip, and is in the feed for everyone',
  async () => {
    await using platform = await startPlatform({ env: { DEMO: 'on' } })
    await clipJourney(platform, await demoOnAir(platform))
  },
  TEST_MS_MAX,
)

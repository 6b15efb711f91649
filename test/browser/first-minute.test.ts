import { test } from 'vitest'
import { startPlatform } from '../helpers/platform.ts'
import { watchJourney } from './watch-journey.ts'

const TEST_MS_MAX = 600_000

test(
  'a stranger who types one command watches the demo show, sees its delay, goes back and returns to live',
  async () => {
    await using platform = await startPlatform({ env: { DEMO: 'on' } })
    await watchJourney(platform)
  },
  TEST_MS_MAX,
)

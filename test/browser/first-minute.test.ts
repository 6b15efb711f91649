import { expect, test } from 'vitest'
import { eventually } from '../helpers/eventually.ts'
import { startPlatform } from '../helpers/platform.ts'
import { demoOnAir, watchJourney } from './watch-journey.ts'

const TEST_MS_MAX = 600_000

test(
  'a stranger who types one command watches the demo show, sees its delay, goes back and returns to live',
  async () => {
    await using platform = await startPlatform({ env: { DEMO: 'on' } })
    const show = await demoOnAir(platform)
    const renditions = await eventually(
      async () => (await fetch(show.playback.hls_url)).text(),
      text => expect(text).toContain('RESOLUTION'),
    )
    expect(renditions.match(/RESOLUTION/gu)).toHaveLength(2)
    await watchJourney(platform, show)
  },
  TEST_MS_MAX,
)

import type { EventBus } from '#shared/ports/event-bus/event-bus.ts'
import { gauge } from '#shared/service/telemetry.ts'

/** What on-call looks at first on one machine: how much the bus holds for whom, and for how long. */
export function controlMetrics(bus: EventBus): void {
  gauge('showreel_bus_waiting', 'Messages not yet acknowledged, by subscription', async result => {
    for (const { subscription, waiting } of await bus.backlog()) result.observe(waiting, { subscription })
  })
  gauge(
    'showreel_bus_oldest_seconds',
    'Age of the oldest message not yet acknowledged, by subscription',
    async result => {
      for (const { subscription, oldestMs } of await bus.backlog()) result.observe(oldestMs / 1000, { subscription })
    },
  )
}

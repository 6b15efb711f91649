/** One query of a panel, in PromQL, and how its lines are named. */
export type PanelQuery = { promql: string; legend: string }

/** One picture: what it shows, in which unit (Grafana's and Cloud Monitoring's names for it). */
export type DashboardPanel = {
  title: string
  /** What a person should conclude from it. */
  says: string
  unit: 'reqps' | 's' | 'short' | 'percentunit' | 'bps'
  queries: readonly PanelQuery[]
}

/** One page of pictures, in rows. */
export type DashboardPage = {
  /** File name, and stable id. */
  name: string
  title: string
  rows: readonly { title: string; panels: readonly DashboardPanel[] }[]
}

const RATE = '5m'
const rate = (metric: string, by: string) => `sum by (${by}) (rate(${metric}[${RATE}]))`
const p95 = (metric: string, by: string) =>
  `histogram_quantile(0.95, sum by (le, ${by}) (rate(${metric}_bucket[${RATE}])))`

const ANSWERS = 'http_server_request_duration_seconds'

const OVERVIEW: DashboardPage = {
  name: 'showreel-overview',
  title: 'Showreel overview',
  rows: [
    {
      title: 'Front door',
      panels: [
        {
          title: 'answers by class',
          says: 'Steady 2xx and 4xx; 5xx are ours.',
          unit: 'reqps',
          queries: [{ promql: rate(`${ANSWERS}_count`, 'status'), legend: '{{status}}' }],
        },
        {
          title: 'share of 5xx',
          says: 'The promise is one in a thousand.',
          unit: 'percentunit',
          queries: [
            {
              promql: `sum(rate(${ANSWERS}_count{status="5xx"}[${RATE}])) / sum(rate(${ANSWERS}_count[${RATE}]))`,
              legend: '5xx',
            },
          ],
        },
        {
          title: 'time to answer, p95, slowest routes',
          says: 'Long polls of playlists are not here; what is slow here is slow for people.',
          unit: 's',
          queries: [{ promql: `topk(10, ${p95(ANSWERS, 'route')})`, legend: '{{route}}' }],
        },
      ],
    },
    {
      title: 'Events',
      panels: [
        {
          title: 'events the bus took',
          says: 'Follows the number of shows; flat at nothing while shows run means the relay stands still.',
          unit: 'reqps',
          queries: [{ promql: rate('relay_events_published_total', 'topic'), legend: '{{topic}}' }],
        },
        {
          title: 'clips by what became of them',
          says: 'Requested and playable run side by side; failed and dead jobs are rare.',
          unit: 'reqps',
          queries: [
            {
              promql: `sum by (type) (rate(relay_events_published_total{type=~"clip[.](requested|playable|published|failed)|job[.]dead"}[${RATE}]))`,
              legend: '{{type}}',
            },
          ],
        },
        {
          title: 'pushes and wake-ups by answer',
          says: 'Refusals come again; many of them are a consumer in trouble.',
          unit: 'reqps',
          queries: [
            {
              promql: `sum by (route, status) (rate(${ANSWERS}_count{route=~"/(push|tasks)/.*"}[${RATE}]))`,
              legend: '{{route}} {{status}}',
            },
          ],
        },
      ],
    },
  ],
}

const LIVE: DashboardPage = {
  name: 'showreel-live',
  title: 'Showreel media plane',
  rows: [
    {
      title: 'Shows',
      panels: [
        {
          title: 'shows by state',
          says: 'Waiting ones lost their publisher a moment ago.',
          unit: 'short',
          queries: [{ promql: 'sum by (state) (showreel_live_shows)', legend: '{{state}}' }],
        },
        {
          title: 'media received',
          says: 'Bits per second over all publishers.',
          unit: 'bps',
          queries: [{ promql: `sum(rate(showreel_live_ingest_bytes_total[${RATE}])) * 8`, legend: 'ingest' }],
        },
        {
          title: 'publishers refused',
          says: 'By reason; wrong keys are people, too busy is us.',
          unit: 'reqps',
          queries: [{ promql: rate('showreel_live_publishers_refused_total', 'reason'), legend: '{{reason}}' }],
        },
      ],
    },
    {
      title: 'Encoding and keeping',
      panels: [
        {
          title: 'lag of the show furthest behind',
          says: 'Above two seconds viewers notice.',
          unit: 's',
          queries: [{ promql: 'max(showreel_live_lag_seconds)', legend: 'lag' }],
        },
        {
          title: 'encoders replaced, groups of pictures left out',
          says: 'Each costs viewers up to one segment.',
          unit: 'reqps',
          queries: [
            { promql: `sum(rate(showreel_live_encoder_restarts_total[${RATE}]))`, legend: 'encoders' },
            { promql: `sum(rate(showreel_live_dropped_gops_total[${RATE}]))`, legend: 'groups' },
          ],
        },
        {
          title: 'segments stored',
          says: 'Follows the shows; below them means the store refuses.',
          unit: 'reqps',
          queries: [{ promql: `sum(rate(showreel_live_segments_stored_total[${RATE}]))`, legend: 'segments' }],
        },
        {
          title: 'shows that ended',
          says: 'By reason; publishers that end theirs themselves are the rule.',
          unit: 'reqps',
          queries: [{ promql: rate('showreel_live_shows_ended_total', 'reason'), legend: '{{reason}}' }],
        },
        {
          title: 'segments not yet stored, events not yet told',
          says: 'Both fall back to a few; what only grows is lost rewind or late lists.',
          unit: 'short',
          queries: [
            { promql: 'sum(showreel_live_segments_unstored)', legend: 'segments' },
            { promql: 'sum by (place) (showreel_live_spool_events)', legend: 'events in {{place}}' },
          ],
        },
      ],
    },
  ],
}

const MACHINE: DashboardPage = {
  name: 'showreel-one-machine',
  title: 'Showreel on one machine',
  rows: [
    {
      title: 'Embedded bus',
      panels: [
        {
          title: 'messages not yet acknowledged',
          says: 'By subscription.',
          unit: 'short',
          queries: [{ promql: 'sum by (subscription) (showreel_bus_waiting)', legend: '{{subscription}}' }],
        },
        {
          title: 'age of the oldest',
          says: 'By subscription; a consumer that refuses shows here first.',
          unit: 's',
          queries: [{ promql: 'max by (subscription) (showreel_bus_oldest_seconds)', legend: '{{subscription}}' }],
        },
      ],
    },
  ],
}

/** Every page there is. */
export const DASHBOARD_PAGES: readonly DashboardPage[] = [OVERVIEW, LIVE, MACHINE]

import type { BenchOptions, BenchRow, Contender, Metric, Sample } from './bench-row.ts'
import { isNoisy, type Quartiles, quartiles } from './quartiles.ts'

/** One metric's outcome: figures of both sides by round, and ours over the peer's. */
export type Outcome = {
  row: string
  name: string
  title: string
  metric: string
  unit: Metric['unit']
  goal: Metric['goal']
  ours: Quartiles & { contender: string; rounds: readonly number[] }
  peer?: Quartiles & { contender: string; rounds: readonly number[] }
  ratio?: Quartiles
  met: boolean
  noisy: boolean
  notes: readonly string[]
}

type Rounds = { ours: Sample[]; peer: Sample[] }

async function timed(contender: Contender, options: BenchOptions, label: string): Promise<Sample> {
  const startedAt = performance.now()
  const sample = await contender.sample()
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
  const figures = Object.entries(sample).map(([key, figure]) => `${key} ${Number(figure.toPrecision(4))}`)
  options.say(`  ${label} ${contender.name}: ${figures.join(', ')} (${seconds} s)`)
  return sample
}

/** A B B A …: whatever drifts on the machine drifts for both. */
async function interleave(
  { ours, peer }: { ours: Contender; peer?: Contender },
  count: number,
  options: BenchOptions,
): Promise<Rounds> {
  const rounds: Rounds = { ours: [], peer: [] }
  for (let round = 0; round < count; round += 1) {
    const label = `${round + 1}/${count}`
    const one = async () => rounds.ours.push(await timed(ours, options, label))
    const other = async () => peer !== undefined && rounds.peer.push(await timed(peer, options, label))
    if (round % 2 === 0) {
      await one()
      await other()
    } else {
      await other()
      await one()
    }
  }
  return rounds
}

function figuresOf(samples: readonly Sample[], key: string): number[] {
  return samples.flatMap(sample => sample[key] ?? [])
}

function isMet({ goal }: Metric, ours: Quartiles, ratio: Quartiles | undefined): boolean {
  const { ratioMax, ratioMin, atMost, atLeast } = goal
  if (ratioMax !== undefined && !(ratio !== undefined && ratio.median <= ratioMax)) return false
  if (ratioMin !== undefined && !(ratio !== undefined && ratio.median >= ratioMin)) return false
  if (atMost !== undefined && !(ours.median <= atMost)) return false
  return !(atLeast !== undefined && !(ours.median >= atLeast))
}

/** Makes the row ready, runs its rounds interleaved and judges every metric. Throws `MissingPeer`. */
export async function measureRow(row: BenchRow, options: BenchOptions): Promise<Outcome[]> {
  await using ready = await row.ready(options)
  const rounds = await interleave(ready, options.quick ? row.quickRounds : row.rounds, options)
  return row.metrics.map(metric => {
    const oursBy = figuresOf(rounds.ours, metric.key)
    const peerBy = metric.compared === false ? [] : figuresOf(rounds.peer, metric.key)
    const ours = { contender: ready.ours.name, ...quartiles(oursBy), rounds: oursBy }
    const ratio =
      peerBy.length > 0 ? quartiles(oursBy.map((figure, round) => figure / (peerBy[round] ?? Number.NaN))) : undefined
    return {
      row: row.id,
      name: row.name,
      title: `${row.title}${metric.title === '' ? '' : `, ${metric.title}`}`,
      metric: metric.key,
      unit: metric.unit,
      goal: metric.goal,
      ours,
      ...(ready.peer !== undefined && peerBy.length > 0
        ? { peer: { contender: ready.peer.name, ...quartiles(peerBy), rounds: peerBy } }
        : {}),
      ...(ratio === undefined ? {} : { ratio }),
      met: isMet(metric, ours, ratio),
      noisy: isNoisy(ratio ?? ours),
      notes: ready.notes ?? [],
    }
  })
}

import 'uplot/dist/uPlot.min.css'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import UPlot from 'uplot'
import type { HealthSample } from '../api/api-routes.ts'
import { currentLanguage } from '../i18n/translate.ts'

const HEIGHT_PX = 92
const HEADROOM = 1.25
const SECOND_MS = 1000

type HealthPlotProps = {
  name: string
  unit: string
  samples: readonly HealthSample[]
  read: (sample: HealthSample) => number
  digits: number
  colour: 'accent' | 'ok' | 'warn'
}

function options(width: number, colour: string, digits: number): UPlot.Options {
  const clock = new Intl.DateTimeFormat(currentLanguage(), { timeStyle: 'short', hour12: false })
  const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: Math.min(1, digits) })
  const quiet = { stroke: '#a3afbf', font: '11px Archivo, sans-serif', ticks: { show: false } }
  return {
    width,
    height: HEIGHT_PX,
    padding: [6, 4, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, __, max) => [0, Math.max(max, 1) * HEADROOM] } },
    axes: [
      {
        ...quiet,
        size: 18,
        gap: 3,
        space: 64,
        grid: { show: false },
        values: (_, ticks) => ticks.map(tick => clock.format(new Date(tick * SECOND_MS))),
      },
      {
        ...quiet,
        size: 34,
        gap: 6,
        space: 30,
        grid: { stroke: '#232b37', width: 1 },
        values: (_, ticks) => ticks.map(tick => short.format(tick)),
      },
    ],
    series: [{}, { stroke: colour, width: 2, fill: `${colour}24`, points: { show: false } }],
  }
}

/** One figure of the encoder over time, its newest value large beside its name. */
export function HealthPlot({ name, unit, samples, read, digits, colour }: HealthPlotProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot | undefined>(undefined)
  const newest = samples[samples.length - 1]
  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    const stroke = getComputedStyle(element).getPropertyValue(`--${colour}`).trim()
    const made = new UPlot(options(element.clientWidth, stroke, digits), [[], []], element)
    plot.current = made
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT_PX }))
    resized.observe(element)
    return () => {
      resized.disconnect()
      made.destroy()
    }
  }, [])
  useEffect(() => {
    plot.current?.setData([samples.map(sample => Date.parse(sample.at) / SECOND_MS), samples.map(read)])
  }, [samples])
  const value = newest === undefined ? '–' : read(newest).toFixed(digits)
  return (
    <figure class="plot">
      <figcaption>
        <span class="muted">{name}</span>
        <span class="plot-value figures">
          {value} <small>{unit}</small>
        </span>
      </figcaption>
      <div ref={place} class="plot-place" aria-hidden="true" />
    </figure>
  )
}

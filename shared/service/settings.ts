type Parsed<Value> = { value: Value } | { complaint: string }

/** One setting: its variable, what it accepts and what it is when absent. */
export type Setting<Value> = {
  variable: string
  /** What is accepted, for people. */
  accepts: string
  fallback: Value | undefined
  parse: (text: string) => Parsed<Value>
}

type Settings = Readonly<Record<string, Setting<unknown>>>
type Values<Shape extends Settings> = {
  -readonly [Name in keyof Shape]: Shape[Name] extends Setting<infer Value> ? Value : never
}

export type SettingRow = { name: string; variable: string; accepts: string; fallback: string }

/** Settings that do not fit; its message names every one of them. */
export class SettingsError extends Error {
  readonly complaints: readonly string[]

  constructor(complaints: readonly string[]) {
    super(complaints.join(' · '))
    this.name = 'SettingsError'
    this.complaints = complaints
  }
}

const PORT_MAX = 65_535
const TEXT_MAX = 4_096
const FLAGS: Readonly<Record<string, boolean>> = {
  on: true,
  true: true,
  1: true,
  yes: true,
  off: false,
  false: false,
  0: false,
  no: false,
}

/** A whole number between bounds, in a unit. */
function int(variable: string, bounds: { default?: number; min: number; max: number; unit?: string }): Setting<number> {
  const { min, max } = bounds
  const unit = bounds.unit === undefined ? '' : ` ${bounds.unit}`
  return {
    variable,
    accepts: `${min}..${max}${unit}`,
    fallback: bounds.default,
    parse: text => {
      if (!/^-?\d{1,15}$/.test(text)) return { complaint: `"${text}" is not a whole number` }
      const value = Number(text)
      if (value < min) return { complaint: `"${text}" is below ${min}${unit}` }
      return value > max ? { complaint: `"${text}" is above ${max}${unit}` } : { value }
    },
  }
}

/** A TCP port; 0 lets the system choose. */
function port(variable: string, fallback?: number): Setting<number> {
  return int(variable, { min: 0, max: PORT_MAX, ...(fallback === undefined ? {} : { default: fallback }) })
}

/** Any text; required unless it has a default. */
function text(variable: string, fallback?: string): Setting<string> {
  return {
    variable,
    accepts: 'text',
    fallback,
    parse: value => (value.length > TEXT_MAX ? { complaint: `longer than ${TEXT_MAX} characters` } : { value }),
  }
}

/** One of a closed list. */
function choice<const Value extends string>(
  variable: string,
  values: readonly Value[],
  fallback?: Value,
): Setting<Value> {
  return {
    variable,
    accepts: values.join(' | '),
    fallback,
    parse: text => {
      const value = values.find(candidate => candidate === text)
      return value === undefined ? { complaint: `"${text}" is none of ${values.join(', ')}` } : { value }
    },
  }
}

/** On or off. */
function flag(variable: string, fallback: boolean): Setting<boolean> {
  return {
    variable,
    accepts: 'on | off',
    fallback,
    parse: text => {
      const value = FLAGS[text.toLowerCase()]
      return value === undefined ? { complaint: `"${text}" is neither on nor off` } : { value }
    },
  }
}

/** An absolute http or https URL. */
function url(variable: string, fallback?: string): Setting<URL> {
  return {
    variable,
    accepts: 'http(s) URL',
    fallback: fallback === undefined ? undefined : new URL(fallback),
    parse: text => {
      const value = URL.parse(text)
      if (value === null) return { complaint: `"${text}" is not a URL` }
      return value.protocol === 'http:' || value.protocol === 'https:'
        ? { value }
        : { complaint: `"${text}" is neither http nor https` }
    },
  }
}

/** The kinds of setting there are. */
export const setting = { int, port, text, choice, flag, url }

/**
 * Declares what a process reads from its environment.
 *
 * `read(env)` gives every value typed, or throws one `SettingsError` that complains about all of them at once.
 * An empty variable counts as absent. `describe()` lists them for people.
 */
export function defineSettings<const Shape extends Settings>(
  shape: Shape,
): { read(env: Readonly<Record<string, string | undefined>>): Values<Shape>; describe(): SettingRow[] } {
  return {
    read: env => {
      const complaints: string[] = []
      const values: Record<string, unknown> = {}
      for (const [name, { variable, fallback, parse }] of Object.entries(shape)) {
        const text = env[variable]?.trim() ?? ''
        const parsed = text === '' ? absent(fallback) : parse(text)
        if ('complaint' in parsed) complaints.push(`${variable}: ${parsed.complaint}`)
        else values[name] = parsed.value
      }
      if (complaints.length > 0) throw new SettingsError(complaints)
      return values as Values<Shape>
    },
    describe: () =>
      Object.entries(shape).map(([name, { variable, accepts, fallback }]) => ({
        name,
        variable,
        accepts,
        fallback: fallback === undefined ? 'required' : shown(fallback),
      })),
  }
}

function absent(fallback: unknown): Parsed<unknown> {
  return fallback === undefined ? { complaint: 'missing' } : { value: fallback }
}

function shown(value: unknown): string {
  return value instanceof URL ? value.href : JSON.stringify(value)
}

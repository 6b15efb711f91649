import { type Lifetime, lifetime } from './lifetime.ts'
import { createLog, type Log, type LogLevel } from './log.ts'
import type { SettingRow } from './settings.ts'
import { startTelemetry, type Telemetry } from './telemetry.ts'

/** What a process has from its first line on; `parts` are disposed in reverse after its drain. */
export type CloudProcess<Settings> = {
  settings: Settings
  log: Log
  life: Lifetime
  telemetry: Telemetry
  parts: AsyncDisposableStack
}

type Definition<Settings> = {
  read(env: Readonly<Record<string, string | undefined>>): Settings
  describe(): SettingRow[]
}
type Surroundings = Pick<NodeJS.Process, 'argv' | 'env' | 'stdout' | 'stderr'>

const PRINT = '--print-settings'

/**
 * Runs a process of a deployment from its settings to its end and gives its exit code: 0 after its drain, 1 with one plain
 * sentence when it cannot start. With `--print-settings` it says what it reads from its environment, and does nothing else.
 */
export async function cloudProcess<Settings extends { logLevel: LogLevel }>(
  service: string,
  definition: Definition<Settings>,
  surroundings: Surroundings,
  start: (process: CloudProcess<Settings>) => Promise<void>,
): Promise<number> {
  if (surroundings.argv.includes(PRINT)) {
    surroundings.stdout.write(settingsTable(definition.describe()))
    return 0
  }
  try {
    const settings = definition.read(surroundings.env)
    const log = createLog({ service, level: settings.logLevel })
    await using parts = new AsyncDisposableStack()
    const telemetry = startTelemetry({ service, otlp: surroundings.env['OTEL_EXPORTER_OTLP_ENDPOINT'] !== undefined })
    parts.defer(() => telemetry.shutdown())
    const life = lifetime({ log })
    await start({ settings, log, life, telemetry, parts })
    await life.done
    return 0
  } catch (error) {
    surroundings.stderr.write(`${service} cannot run: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
}

/** A variable a line: its name, what it accepts, and what it is when absent. */
function settingsTable(rows: readonly SettingRow[]): string {
  const wide = (pick: (row: SettingRow) => string) => Math.max(...rows.map(row => pick(row).length))
  const [name, accepts] = [wide(row => row.variable), wide(row => row.accepts)]
  return rows.map(row => `${row.variable.padEnd(name)}  ${row.accepts.padEnd(accepts)}  ${row.fallback}\n`).join('')
}

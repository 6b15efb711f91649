import { eventbridgeReports } from '#shared/ports/reports/eventbridge-reports.ts'
import { httpReports, type HttpReportsOptions } from '#shared/ports/reports/http-reports.ts'
import type { Reports } from '#shared/ports/reports/reports.ts'
import { objectsSettings } from './settings.ts'

/** An emulator takes any. */
const CREDENTIALS = { accessKeyId: 'emulator', secretAccessKey: 'emulator' }
const REGION = 'us-east-1'

/** Where the plane of one machine reports: straight to the services, or on emulators to EventBridge, whose rule hands off. */
export function machineReports(direct: HttpReportsOptions, env: Readonly<Record<string, string | undefined>>): Reports {
  const { endpoint } = objectsSettings.read(env)
  return endpoint === ''
    ? httpReports(direct)
    : eventbridgeReports({ region: REGION, credentials: CREDENTIALS, endpoint })
}

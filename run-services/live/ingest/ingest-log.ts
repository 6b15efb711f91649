/** What the media plane's doors, relay and ladder need of a log; pino has it. */
export type IngestLog = {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

import { defineSettings, setting } from '#shared/service/settings.ts'

/** What the pages' server reads from its environment. */
export const webSettings = defineSettings({
  port: setting.port('PORT', 8080),
  /** The front door: origin of the pages and of the API. */
  publicUrl: setting.url('PUBLIC_URL'),
  /** Where media comes from. */
  mediaUrl: setting.url('MEDIA_URL'),
  /** The bundle that `buildPages` has written; part of the image. */
  pagesDir: setting.text('PAGES_DIR'),
  logLevel: setting.choice('LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
})

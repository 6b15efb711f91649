import { cloudSettings } from '#shared/service/cloud-settings.ts'
import { defineSettings, setting } from '#shared/service/settings.ts'

/** What the service reads from its environment in a deployment. */
export const channelsSettings = defineSettings({
  ...cloudSettings.everybody,
  ...cloudSettings.spanner,
  ...cloudSettings.callers,
  ...cloudSettings.users,
  ...cloudSettings.secrets,
  ...cloudSettings.shared,
  ...cloudSettings.aws,
  ...cloudSettings.wakes,
  /** The stack's name: workers and the media plane are known by it. */
  stack: setting.text('STACK'),
  /** The front door, through which queues call. */
  publicUrl: setting.url('PUBLIC_URL'),
  mediaUrl: setting.url('MEDIA_URL'),
  mediaBucket: setting.text('MEDIA_BUCKET'),
  mediaPlane: setting.choice('MEDIA_PLANE', ['ivs', 'selfhost']),
  /** Of our own plane: where it is driven. */
  planeUrl: setting.url('PLANE_URL', 'http://127.0.0.1:8082'),
  /** Of Amazon IVS: where recordings go. */
  ivsRecording: setting.text('IVS_RECORDING', ''),
  reconcileS: setting.int('RECONCILE_EVERY', { default: 15, min: 1, max: 3600, unit: 's' }),
})

import { expect, test } from 'vitest'
import { defineSettings, setting, SettingsError } from './settings.ts'

const settings = defineSettings({
  port: setting.port('PORT', 8080),
  root: setting.text('DATA_DIR'),
  windowS: setting.int('WINDOW', { default: 60, min: 1, max: 600, unit: 's' }),
  demo: setting.flag('DEMO', true),
  api: setting.url('API', 'https://api.test'),
  level: setting.choice('LEVEL', ['info', 'warn'], 'info'),
})

test('absent and empty variables take their defaults, others are typed', () => {
  expect(settings.read({ DATA_DIR: './x', DEMO: 'off', PORT: '0', WINDOW: '' })).toEqual({
    port: 0,
    root: './x',
    windowS: 60,
    demo: false,
    api: new URL('https://api.test'),
    level: 'info',
  })
})

test('everything that does not fit is complained about at once, with units and bounds', () => {
  const wrong = { PORT: '70000', WINDOW: '0', DEMO: 'maybe', API: 'ftp://x', LEVEL: 'loud' }
  expect(() => settings.read(wrong)).toThrow(SettingsError)
  expect(() => settings.read(wrong)).toThrow(
    'PORT: "70000" is above 65535 · DATA_DIR: missing · WINDOW: "0" is below 1 s · DEMO: "maybe" is neither on nor off · ' +
      'API: "ftp://x" is neither http nor https · LEVEL: "loud" is none of info, warn',
  )
})

test.each(['1.5', '1e3', ' ', '12345678901234567890', '0x10', 'NaN'])('%j is no whole number', text => {
  const read = () => settings.read({ DATA_DIR: 'x', WINDOW: text })
  if (text.trim() === '') expect(read().windowS).toBe(60)
  else expect(read).toThrow('WINDOW')
})

test('describe() lists every variable for people', () => {
  expect(settings.describe()).toContainEqual({
    name: 'windowS',
    variable: 'WINDOW',
    accepts: '1..600 s',
    fallback: '60',
  })
  expect(settings.describe()).toContainEqual({
    name: 'root',
    variable: 'DATA_DIR',
    accepts: 'text',
    fallback: 'required',
  })
})

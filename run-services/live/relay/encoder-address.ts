import type { Lifetime } from '#shared/service/lifetime.ts'
import type { LiveSettings } from '../settings.ts'
import type { RelayAddress } from './encode-over-relay.ts'
import { encoderHost, type EncoderHostOptions } from './encoder-host.ts'

type Own = Omit<EncoderHostOptions, 'host' | 'port'> & { life: Lifetime }

/** Where this plane's encoders are: on machines of their own when the settings name them, else in this process. */
export async function encoderAddress(
  { encodersHost, relayPort }: Pick<LiveSettings, 'encodersHost' | 'relayPort'>,
  { life, ...options }: Own,
): Promise<RelayAddress> {
  if (encodersHost !== '') return { host: encodersHost, port: relayPort }
  const relay = await encoderHost({ ...options, port: relayPort })
  life.onDrain(() => relay.close())
  return { host: '127.0.0.1', port: relay.port }
}

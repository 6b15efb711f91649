import { createRequire } from 'node:module'
import { credentials } from '@grpc/grpc-js'

/**
 * Preloaded (`node --import`) into an entry of the clouds: its client of Secret Manager, which knows no emulator, speaks
 * to SECRETS_FAKE without TLS. Everything else of the client is its own.
 */
type Stub = (service: unknown, options: { servicePath?: string }, custom?: boolean) => Promise<unknown>
type Gax = { GrpcClient: { prototype: { createStub: Stub } } }

// The copy that the client itself loads.
const its = createRequire(import.meta.resolve('@google-cloud/secret-manager'))
const { GrpcClient } = its('google-gax') as Gax
const [host = '', port = ''] = (process.env['SECRETS_FAKE'] ?? '').split(':')
const { createStub } = GrpcClient.prototype

GrpcClient.prototype.createStub = async function (this: unknown, service, options, custom): Promise<unknown> {
  const ours = options.servicePath?.startsWith('secretmanager.') === true
  const there = { servicePath: host, port: Number(port), sslCreds: credentials.createInsecure() }
  return await createStub.call(this, service, ours ? { ...options, ...there } : options, ours ? true : custom)
}

/** Key material by name, the same bytes for every process of one deployment. */
export interface Secrets {
  /** At least 32 bytes; throws when the name is unknown to the deployment. */
  get(name: SecretName): Promise<Uint8Array>
}

/**
 * Every secret of the product: what signs service calls, cursors, object URLs, and what seals keys and stored answers;
 * `playback-signing` is a private key in PEM, of deployments whose shows are on Amazon IVS.
 */
export type SecretName =
  | 'service-calls'
  | 'cursors'
  | 'object-urls'
  | 'stream-keys'
  | 'sealing'
  | 'playback-tokens'
  | 'issuer'
  | 'playback-signing'

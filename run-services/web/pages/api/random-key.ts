const KEY_BYTES = 16

/** 128 random bits as hex; unlike `crypto.randomUUID` it works on plain-HTTP addresses too. */
export function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(KEY_BYTES)), byte => byte.toString(16).padStart(2, '0')).join(
    '',
  )
}

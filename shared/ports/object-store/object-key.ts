import { ObjectStoreError } from './object-store.ts'

const KEY_CHARACTERS_MAX = 1024
/** Longest part between two slashes; what every file system takes with our suffix. */
const PART_CHARACTERS_MAX = 250
const PART = /^[A-Za-z0-9._-]+$/

/** Returns the key when it names exactly one object in every store; throws `invalid-key` otherwise. */
export function objectKey(key: string): string {
  const parts = key.split('/')
  const fine =
    key.length <= KEY_CHARACTERS_MAX &&
    parts.every(part => part.length <= PART_CHARACTERS_MAX && PART.test(part) && part !== '.' && part !== '..')
  if (!fine) throw new ObjectStoreError('invalid-key', key.slice(0, 100), 'The object key is not one of ours.')
  return key
}

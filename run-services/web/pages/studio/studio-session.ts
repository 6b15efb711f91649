import { useCallback, useState } from 'preact/hooks'
import { call } from '../api/call.ts'

const STORED = 'showreel.studio'
const NAME_CHARS_MAX = 40

export type StudioSession = { name: string; token: string }

function stored(): StudioSession | undefined {
  const text = sessionStorage.getItem(STORED)
  return text === null ? undefined : (JSON.parse(text) as StudioSession)
}

/** A name as the issuer takes it: letters, digits and dashes of any script become a lower-case subject. */
function subjectOf(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, NAME_CHARS_MAX)
}

/** Who works in this tab's studio; forgotten when the tab closes. */
export function useStudioSession(): {
  session: StudioSession | undefined
  signIn: (name: string) => Promise<void>
  signOut: () => void
} {
  const [session, setSession] = useState(stored)
  const signIn = useCallback(async (name: string) => {
    const { token } = await call('POST /dev/token', { body: { sub: subjectOf(name), roles: ['creator'] } })
    // The issuer knows a subject alone; the name viewers read is the creator's own.
    await call('PATCH /v1/me', { body: { display_name: name.trim() }, token })
    const next = { name: name.trim(), token }
    sessionStorage.setItem(STORED, JSON.stringify(next))
    setSession(next)
  }, [])
  const signOut = useCallback(() => {
    sessionStorage.removeItem(STORED)
    setSession(undefined)
  }, [])
  return { session, signIn, signOut }
}

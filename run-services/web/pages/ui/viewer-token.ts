import { call } from '../api/call.ts'
import { readPageConfig } from '../read-page-config.ts'
import { ApiProblem } from '../api/api-problem.ts'
import { randomKey } from '../api/random-key.ts'

const STUDIO = 'showreel.studio'
const VIEWER = 'showreel.viewer'
const SUBJECT = 'showreel.viewer-name'

function signedIn(): string | undefined {
  const text = sessionStorage.getItem(STUDIO)
  return text === null ? undefined : (JSON.parse(text) as { token?: string }).token
}

/** What this browser is called as a viewer: made up once, so that what a viewer made stays theirs. */
function viewerName(): string {
  const known = localStorage.getItem(SUBJECT)
  if (known !== null) return known
  const made = `viewer-${randomKey().slice(0, 16)}`
  localStorage.setItem(SUBJECT, made)
  return made
}

/** Who acts on this page: whoever is signed in to the studio, else a viewer of this browser, named without being asked. */
async function viewerToken(): Promise<string> {
  const known = signedIn() ?? sessionStorage.getItem(VIEWER)
  if (known !== null) return known
  if (!readPageConfig().dev_tokens) {
    throw new ApiProblem({ code: 'auth.missing', status: 401, detail: 'Sign in first.', retryable: false })
  }
  const { token } = await call('POST /dev/token', { body: { sub: viewerName(), roles: ['viewer'] } })
  sessionStorage.setItem(VIEWER, token)
  return token
}

/** Does something as the viewer; a token that is no longer good is replaced once. */
export async function asViewer<Value>(act: (token: string) => Promise<Value>): Promise<Value> {
  try {
    return await act(await viewerToken())
  } catch (error) {
    const stale = error instanceof ApiProblem && error.code === 'auth.invalid' && signedIn() === undefined
    if (!stale) throw error
    sessionStorage.removeItem(VIEWER)
    return await act(await viewerToken())
  }
}

/** Whether somebody is signed in to the studio in this tab. */
export function isSignedIn(): boolean {
  return signedIn() !== undefined
}

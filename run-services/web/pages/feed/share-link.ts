import type { FeedItem } from '../api/api-routes.ts'
import { call } from '../api/call.ts'
import { asViewer } from '../ui/viewer-token.ts'
import { copyText } from '../ui/copy-text.ts'

/**
 * Makes a link that counts its visits and hands it to the phone's own share sheet, or copies it. Says whether it was
 * copied; false when it was handed on or could not be.
 */
export async function shareLink(item: Pick<FeedItem, 'kind' | 'id' | 'title'>): Promise<boolean> {
  const target = item.kind === 'clip' ? { clip_id: item.id } : { stream_id: item.id }
  const { id } = await asViewer(token => call('POST /v1/shares', { body: target, token }))
  // The pages know their own address better than the service does behind another host.
  const url = `${location.origin}/s/${id}`
  if ('share' in navigator && matchMedia('(pointer: coarse)').matches) {
    await navigator.share({ title: item.title, url }).catch(() => undefined)
    return false
  }
  return await copyText(url)
}

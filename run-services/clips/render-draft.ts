import { CLIP_PRESETS, type ClipPreset, type ClipSource, cropChoice } from '#shared/domain/clip.ts'
import type { JobDraft } from '#shared/service/job-store.ts'
import type { ClipRow } from './clip-queries.ts'
import { RENDER_RECIPE, type RenderInput } from './render-job.ts'

/** The render that a cut, a crop and presets always ask for: the same again is the same job. */
export function renderDraft(
  clip: Pick<ClipRow, 'clip_id' | 'creator_id' | 'crop' | 'presets'> & { source: ClipSource },
): JobDraft & { kind: 'render-clip' } {
  const input: RenderInput = {
    crop: cropChoice.parse(clip.crop ?? 'follow'),
    presets: clip.presets.filter(isPreset),
    cut_sha256: clip.source.sha256,
  }
  return {
    kind: 'render-clip',
    subjectId: clip.clip_id,
    ownerId: clip.creator_id,
    recipe: `${RENDER_RECIPE} ${clip.source.cut} ${JSON.stringify(input)}`,
    input,
  }
}

function isPreset(name: string): name is ClipPreset {
  return (CLIP_PRESETS as readonly string[]).includes(name)
}

import { addProblemWords } from '../ui/problem-notice.tsx'

/** Has notices speak of what can go wrong with clips; the other screens do without these bytes. */
export function addClipProblems(): void {
  addProblemWords({
    'clip.no-media': { what: 'problem.clipMedia', next: 'problem.clipMediaNext' },
    'clip.range': { what: 'problem.clipRange', next: 'problem.clipRangeNext' },
    'clip.outside-stream': { what: 'problem.clipOutside', next: 'problem.clipOutsideNext' },
    'clip.too-many': { what: 'problem.clipMany', next: 'problem.clipManyNext' },
    'clip.not-approved': { what: 'problem.clipReview', next: 'problem.clipReviewNext' },
    'review.not-yours': { what: 'problem.reviewOther', next: 'problem.reviewOtherNext' },
    'state.illegal': { what: 'problem.moved', next: 'problem.movedNext' },
  })
}

/** A rule that a manifest breaks. */
export type ManifestFinding = {
  /** Where it comes from: a clause of ISO/IEC 23009-1 or of the DASH-IF interoperability points. */
  rule: string
  message: string
}

type Element = { name: string; attributes: ReadonlyMap<string, string>; body: string }

const finding = (rule: string, message: string): ManifestFinding => ({ rule, message })
const LIVE_REQUIRED = ['availabilityStartTime', 'publishTime']
const SLACK_S = 0.001

function attributesOf(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/([\w:]+)="([^"]*)"/gu)].map(([, key = '', value = '']) => [key, value]))
}

/** Elements of that name that are not nested in one another; enough for what an MPD is. */
function elements(text: string, name: string): Element[] {
  const pattern = new RegExp(`<${name}((?:\\s[^>]*?)?)(?:/>|>([\\s\\S]*?)</${name}>)`, 'gu')
  return [...text.matchAll(pattern)].map(([, attributes = '', body = '']) => ({
    name,
    attributes: attributesOf(attributes),
    body,
  }))
}

/** Seconds of an xs:duration such as `PT1H2M3.5S`; NaN for anything else. */
function seconds(duration: string | undefined): number {
  const [, hours, minutes, rest] = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?$/u.exec(duration ?? '') ?? []
  if (hours === undefined && minutes === undefined && rest === undefined) return Number.NaN
  return Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(rest ?? 0)
}

/** Reads an MPD as a strict player would and names every rule it breaks; none for a good one. */
export function lintManifest(text: string): ManifestFinding[] {
  const [mpd] = elements(text, 'MPD')
  if (mpd === undefined) return [finding('ISO 23009-1 5.3.1', 'There is no MPD.')]
  const periods = elements(mpd.body, 'Period')
  return [...lintRoot(mpd), ...lintPeriods(mpd, periods), ...periods.flatMap(period => lintSets(mpd, period))]
}

function lintRoot(mpd: Element): ManifestFinding[] {
  const found: ManifestFinding[] = []
  const { attributes } = mpd
  for (const name of ['profiles', 'minBufferTime']) {
    if (!attributes.has(name)) found.push(finding('ISO 23009-1 5.3.1.2', `MPD@${name} is required.`))
  }
  if (attributes.get('type') !== 'dynamic') {
    const wrong = LIVE_REQUIRED.filter(name => attributes.has(name) && name !== 'publishTime')
    if (Number.isNaN(seconds(attributes.get('mediaPresentationDuration')))) {
      found.push(finding('ISO 23009-1 5.3.1.2', 'A static MPD needs mediaPresentationDuration.'))
    }
    return [...found, ...wrong.map(name => finding('DASH-IF IOP 3.2.3', `A static MPD has ${name}.`))]
  }
  for (const name of LIVE_REQUIRED) {
    if (!attributes.has(name)) found.push(finding('ISO 23009-1 5.3.1.2', `A dynamic MPD needs ${name}.`))
  }
  const over = attributes.has('mediaPresentationDuration')
  if (!over && !attributes.has('minimumUpdatePeriod')) {
    found.push(finding('DASH-IF IOP 4.4.3', 'A dynamic MPD without end needs minimumUpdatePeriod.'))
  }
  if (elements(mpd.body, 'UTCTiming').length === 0) {
    found.push(finding('DASH-IF IOP 4.7.2', 'A dynamic MPD needs UTCTiming.'))
  }
  return found
}

function lintPeriods(mpd: Element, periods: readonly Element[]): ManifestFinding[] {
  const found: ManifestFinding[] = []
  if (periods.length === 0) found.push(finding('ISO 23009-1 5.3.2', 'There is no Period.'))
  const ids = new Set(periods.map(({ attributes }) => attributes.get('id')))
  if (ids.size < periods.length || (mpd.attributes.get('type') === 'dynamic' && ids.has(undefined))) {
    found.push(finding('DASH-IF IOP 4.4.3.2', 'Every Period of a dynamic MPD needs an id of its own.'))
  }
  let endS = 0
  for (const { attributes } of periods) {
    const startS = seconds(attributes.get('start'))
    if (startS < endS - SLACK_S) {
      found.push(finding('ISO 23009-1 5.3.2.1', `Period ${attributes.get('id')} starts before the one before it ends.`))
    }
    endS = startS + (seconds(attributes.get('duration')) || 0)
  }
  return found
}

function lintSets(mpd: Element, period: Element): ManifestFinding[] {
  const sets = elements(period.body, 'AdaptationSet')
  const found: ManifestFinding[] = []
  if (sets.length === 0) found.push(finding('DASH-IF IOP 3.2.4', 'A Period without AdaptationSet.'))
  for (const set of sets) {
    const [template] = elements(set.body, 'SegmentTemplate')
    if (template === undefined) found.push(finding('DASH-IF IOP 3.2.4', 'An AdaptationSet without SegmentTemplate.'))
    else found.push(...lintTemplate(mpd, template))
    if (set.attributes.get('segmentAlignment') !== 'true') {
      found.push(finding('DASH-IF IOP 3.2.4', 'Segments of an AdaptationSet must be aligned.'))
    }
    const representations = elements(set.body, 'Representation')
    const needed =
      set.attributes.get('contentType') === 'video' ? ['width', 'height', 'frameRate'] : ['audioSamplingRate']
    for (const { attributes } of representations) {
      const lacking = ['id', 'bandwidth', 'codecs', ...needed].filter(name => !attributes.has(name))
      found.push(...lacking.map(name => finding('DASH-IF IOP 3.2.4', `Representation@${name} is missing.`)))
    }
    if (representations.length === 0)
      found.push(finding('ISO 23009-1 5.3.5', 'An AdaptationSet without Representation.'))
  }
  return found
}

function lintTemplate(mpd: Element, { attributes }: Element): ManifestFinding[] {
  const found: ManifestFinding[] = []
  if (!/\$Number(?:%0\d+d)?\$|\$Time\$/u.test(attributes.get('media') ?? '')) {
    found.push(finding('ISO 23009-1 5.3.9.4', 'SegmentTemplate@media names neither $Number$ nor $Time$.'))
  }
  if (!attributes.has('initialization')) found.push(finding('ISO 23009-1 5.3.9.4', 'There is no initialization.'))
  if (!(Number(attributes.get('duration')) > 0) || !(Number(attributes.get('timescale')) > 0)) {
    found.push(finding('ISO 23009-1 5.3.9.2', 'SegmentTemplate needs duration and timescale.'))
  }
  const offset = attributes.get('availabilityTimeOffset')
  const segmentS = Number(attributes.get('duration')) / Number(attributes.get('timescale'))
  if (offset !== undefined && Number(offset) >= segmentS) {
    found.push(finding('DASH-IF IOP 9.X.4', 'availabilityTimeOffset is not shorter than a segment.'))
  }
  if (offset !== undefined && attributes.get('availabilityTimeComplete') !== 'false') {
    found.push(finding('DASH-IF IOP 9.X.4', 'Segments sent while they grow need availabilityTimeComplete="false".'))
  }
  if (offset !== undefined && mpd.attributes.get('type') !== 'dynamic') {
    found.push(finding('ISO 23009-1 5.3.9.2', 'A static MPD has availabilityTimeOffset.'))
  }
  return found
}

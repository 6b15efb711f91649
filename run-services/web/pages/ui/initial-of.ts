/** The first letter of a name as its readers see it, marks and all; the empty text has none. */
export function initialOf(name: string, language: string): string {
  const [first] = new Intl.Segmenter(language, { granularity: 'grapheme' }).segment(name.trim())
  return first?.segment.toLocaleUpperCase(language) ?? ''
}

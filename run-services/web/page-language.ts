/** The languages the pages speak, as BCP 47 tags; the first is the fallback. */
export const PAGE_LANGUAGES = ['en', 'id', 'vi', 'th', 'zh-Hans'] as const
export type PageLanguage = (typeof PAGE_LANGUAGES)[number]

/** Accept-Language headers longer than this are not read. */
const HEADER_CHARS_MAX = 512

/** The language of a page: the person's own choice first, then the best match of Accept-Language, then English. */
export function pageLanguage(chosen: string | undefined, acceptLanguage: string | undefined): PageLanguage {
  const own = PAGE_LANGUAGES.find(language => language === chosen)
  if (own !== undefined) return own
  const wishes = (acceptLanguage ?? '')
    .slice(0, HEADER_CHARS_MAX)
    .split(',')
    .map(wish => {
      const [tag = '', quality = 'q=1'] = wish.trim().split(';')
      return { tag: tag.trim().toLowerCase(), quality: Number(quality.trim().replace('q=', '')) || 0 }
    })
    .sort((a, b) => b.quality - a.quality)
  for (const { tag } of wishes) {
    const match = PAGE_LANGUAGES.find(language => language.split('-')[0] === tag.split('-')[0])
    if (match !== undefined) return match
  }
  return 'en'
}

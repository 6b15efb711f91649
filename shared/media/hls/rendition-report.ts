import { tagWith } from './attribute-list.ts'

/** Where another rendition of the same show stands. */
export type RenditionReport = { uri: string; lastMsn: number; lastPart: number | undefined }

/** EXT-X-RENDITION-REPORT (RFC 8216bis 4.4.5.4): URI (required, relative), LAST-MSN, LAST-PART (required with parts). */
export function renditionReportTag(report: RenditionReport): string {
  return tagWith('EXT-X-RENDITION-REPORT', {
    URI: { quoted: report.uri },
    'LAST-MSN': report.lastMsn,
    'LAST-PART': report.lastPart,
  })
}

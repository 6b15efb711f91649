const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0e1116"/>' +
  '<rect x="5" y="10" width="13" height="14" rx="3" fill="#e9edf3"/><path d="M20 14.2 27 10v14l-7-4.200z" fill="#e9edf3"/>' +
  '<circle cx="24.500" cy="7" r="4" fill="#d92d41"/></svg>'

/** The sign in the browser's tab, as a data URL: no request and no cache to miss. */
export const PAGE_ICON = `data:image/svg+xml,${encodeURIComponent(SVG)}`

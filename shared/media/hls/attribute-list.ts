/** A value of an attribute list: numbers and enumerated words bare, `quoted` in quotation marks. */
export type AttributeValue = number | string | { quoted: string } | undefined

/** Decimal digits of seconds: microseconds, without trailing zeros. */
export function decimal(value: number): string {
  return value.toFixed(6).replace(/\.?0+$/u, '')
}

function attribute([name, value]: [string, AttributeValue]): string[] {
  if (value === undefined) return []
  if (typeof value === 'number') return [`${name}=${decimal(value)}`]
  return [typeof value === 'string' ? `${name}=${value}` : `${name}="${value.quoted.replaceAll(/["\r\n]/gu, '')}"`]
}

/** `#TAG:A=1,B="two"` with the attributes that have a value, in the order given (RFC 8216bis 4.2). */
export function tagWith(tag: string, attributes: Readonly<Record<string, AttributeValue>>): string {
  return `#${tag}:${Object.entries(attributes).flatMap(attribute).join(',')}`
}

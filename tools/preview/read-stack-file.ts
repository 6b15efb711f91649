/** A stack file says something this reader does not take; Pulumi's own reader would, so it is refused, not guessed. */
class StackFileError extends Error {
  override name = 'StackFileError'
}

const ENTRY = /^ {2}([\w-]+:[\w-]+):\s+(.+)$/u
/** Indicators of YAML that mean more than a plain value. */
const SPECIAL = /^[&*!|>{[%@`]/u

/**
 * The values of a `Pulumi.<stack>.yaml`, by full key. Takes what our stack files use: one `config:` map of plain or
 * quoted one-line values, and comments. Throws `StackFileError` with the line of anything else.
 */
export function readStackFile(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  let inConfig = false
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(?:#.*)?$/u.test(line)) continue
    if (line === 'config:') {
      inConfig = true
      continue
    }
    const [, key, raw] = ENTRY.exec(line) ?? []
    if (!inConfig || key === undefined || raw === undefined) throw refuse(index, line)
    if (values[key] !== undefined) throw new StackFileError(`line ${index + 1}: ${key} is there twice`)
    values[key] = scalar(raw.trim(), index)
  }
  return values
}

function scalar(raw: string, index: number): string {
  if (raw.startsWith('"')) {
    const [, quoted] = /^("(?:[^"\\]|\\.)*")(?:\s+#.*)?$/u.exec(raw) ?? []
    try {
      return JSON.parse(quoted ?? '') as string
    } catch {
      throw refuse(index, raw)
    }
  }
  if (raw.startsWith("'")) {
    const [, quoted] = /^'((?:[^']|'')*)'(?:\s+#.*)?$/u.exec(raw) ?? []
    if (quoted === undefined) throw refuse(index, raw)
    return quoted.replaceAll("''", "'")
  }
  if (SPECIAL.test(raw)) throw refuse(index, raw)
  return raw.replace(/\s+#.*$/u, '')
}

function refuse(index: number, line: string): StackFileError {
  return new StackFileError(`line ${index + 1}: "${line.trim()}" is not a \`key: value\` this reader takes`)
}

/** Splits a migration into its statements, without comments; knows quotes, `$tag$` bodies and both kinds of comment. */
export function sqlStatements(source: string): string[] {
  const statements: string[] = []
  let current = ''
  for (const token of source.matchAll(TOKEN)) {
    const [text] = token
    if (text.startsWith('--') || text.startsWith('/*')) {
      current += ' '
    } else if (text === ';') {
      statements.push(tidy(current))
      current = ''
    } else {
      current += text
    }
  }
  statements.push(tidy(current))
  return statements.filter(statement => statement !== '')
}

const TOKEN =
  /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(?<tag>[A-Za-z_]*)\$[\s\S]*?\$\k<tag>\$|;|[^-/'"$;]+|[-/'"$]/g

function tidy(statement: string): string {
  return statement.trim().replaceAll(/[ \t]+\n/g, '\n')
}

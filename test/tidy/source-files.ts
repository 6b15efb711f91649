import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** A file of the project, with its text. */
export type SourceFile = { path: string; text: string }

/** Every file git knows or would know, ignored ones left out. */
export function projectFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' })
  return listed.split('\n').filter(path => path !== '' && existsSync(path))
}

/** The TypeScript of the project. */
export function sourceFiles(): SourceFile[] {
  return projectFiles()
    .filter(path => /\.(ts|tsx)$/u.test(path))
    .map(path => ({ path, text: readFileSync(path, 'utf8') }))
}

/** What a file imports: the specifier, and whether only types cross. */
export type Import = { specifier: string; typeOnly: boolean }

const IMPORT = /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gu
const DYNAMIC_IMPORT = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/gu

export function importsOf({ text }: SourceFile): Import[] {
  const found: Import[] = [...text.matchAll(IMPORT)].map(([, type, specifier = '']) => ({
    specifier,
    typeOnly: type !== undefined,
  }))
  for (const [, specifier = ''] of text.matchAll(DYNAMIC_IMPORT)) found.push({ specifier, typeOnly: false })
  return found
}

import { componentOf, type GraphResource, type ResourceGraph } from '#infra/resource-graph.ts'

/** Escape sequences of a terminal, or nothing where the output is not one. */
export type Paint = { dim: (text: string) => string; bold: (text: string) => string; accent: (text: string) => string }

const NAME_COLUMN = 50

/** How a type reads: `aws:sqs/queue:Queue` is `aws sqs Queue`. */
function shortType(type: string): string {
  const [provider = '', module = '', name = ''] = type.split(':')
  if (provider === 'showreel') return name
  return `${provider} ${module.split('/')[0] ?? ''} ${name}`
}

/** The resource tree, component by component: resources of a kind on one line, their names behind it. */
export function treeLines(graph: ResourceGraph, paint: Paint): string[] {
  const lines = [paint.bold(`showreel-${graph.stack}`)]
  const components = topComponents(graph)
  for (const [index, component] of components.entries()) {
    const last = index === components.length - 1
    const members = graph.resources.filter(each => each.custom && componentOf(graph, each) === component.name)
    const clouds = countBy(members, each => each.type.split(':')[0] ?? '')
    const counts = [...clouds].map(([cloud, count]) => `${count} ${cloud}`).join(' · ')
    lines.push(`${last ? '└─' : '├─'} ${paint.bold(component.name.padEnd(NAME_COLUMN))} ${paint.dim(counts)}`)
    lines.push(...kindLines(members, last ? '   ' : '│  ', paint))
  }
  return lines
}

function topComponents(graph: ResourceGraph): GraphResource[] {
  const stack = graph.resources.find(({ type }) => type === 'pulumi:pulumi:Stack')
  return graph.resources.filter(({ parent, custom }) => parent === stack?.urn && !custom)
}

const NAMES_WIDTH = 78

function kindLines(members: readonly GraphResource[], indent: string, paint: Paint): string[] {
  const kinds = [...Map.groupBy(members, ({ type }) => shortType(type))].sort(([a], [b]) => a.localeCompare(b, 'en'))
  return kinds.flatMap(([kind, resources], index) => {
    const branch = index === kinds.length - 1 ? '└─' : '├─'
    const rest = index === kinds.length - 1 ? '  ' : '│ '
    const count = resources.length > 1 ? ` ×${resources.length}` : ''
    const label = `${kind}${count}`.padEnd(NAME_COLUMN - 3)
    const [first = '', ...more] = wrapped(resources.map(shownName))
    return [
      `${indent}${branch} ${paint.accent(label)} ${paint.dim(first)}`,
      ...more.map(line => `${indent}${rest} ${' '.repeat(NAME_COLUMN - 3)} ${paint.dim(line)}`),
    ]
  })
}

function shownName({ name, protect }: GraphResource): string {
  return protect ? `${name}⁺` : name
}

function wrapped(names: readonly string[]): string[] {
  const lines: string[] = []
  let line = ''
  for (const name of names) {
    const longer = line === '' ? name : `${line}, ${name}`
    if (longer.length > NAMES_WIDTH && line !== '') {
      lines.push(`${line},`)
      line = name
    } else line = longer
  }
  return [...lines, line]
}

function countBy<T>(items: readonly T[], key: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1)
  return counts
}

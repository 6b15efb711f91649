import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** What a verb is asked and answers, as it stands on the wire. */
export type WireFields = Record<string, unknown>
type Verb = (input: WireFields) => object | undefined | Promise<object | undefined>

/** A service of AWS's REST/JSON kind in memory. */
export type AwsModelFake = AsyncDisposable & {
  url: string
  /** Every verb that was asked for, in order. */
  calls: { verb: string; input: WireFields }[]
}

/** Answered as the error of that name in the service's model, with its HTTP status. */
export class ModelError extends Error {
  constructor(name: string, message: string) {
    super(message)
    this.name = name
  }
}

/** How the SDK's schemas are laid out (`@smithy/types` StaticSchema): kind, namespace, name, traits, members or ends. */
const OPERATION = 9
const STRUCTURE = 3
const LIST = 1
const MAP = 2
const ERROR = -3
const [KIND, NAME, TRAITS, MEMBERS, MEMBER_SCHEMAS, REQUIRED] = [0, 2, 3, 4, 5, 6]
const [INPUT, OUTPUT] = [4, 5]
const MAP_VALUES = 5
const VALIDATION = 'ValidationException'
const BAD_REQUEST = 400

type Schema = readonly unknown[]
type Operation = { name: string; method: string; path: RegExp; labels: readonly string[]; code: number; schema: Schema }

/**
 * Serves verbs by the model that the SDK itself was made from: paths, methods, statuses, members and which of them are
 * required. A verb the model lacks cannot be written, one without a row here answers 501, members that the model lacks
 * are refused in what is asked and throw in what is answered.
 */
export async function awsModelFake(
  sdk: Readonly<Record<string, unknown>>,
  verbs: Readonly<Record<string, Verb>>,
): Promise<AwsModelFake> {
  const schemas = Object.values(sdk).filter(value => Array.isArray(value)) as Schema[]
  const operations = schemas.filter(schema => schema[KIND] === OPERATION).map(operationOf)
  const statuses = new Map(
    schemas
      .filter(schema => schema[KIND] === ERROR)
      .map(schema => [schema[NAME], (schema[TRAITS] as { httpError?: number }).httpError ?? BAD_REQUEST]),
  )
  for (const name of Object.keys(verbs)) {
    if (!operations.some(operation => operation.name === name)) throw new Error(`The model has no verb ${name}.`)
  }
  const calls: AwsModelFake['calls'] = []
  const server = createServer((request, response) => {
    serve(operations, verbs, calls, request).then(
      ({ code, body }) => answer(response, code, body),
      (error: unknown) => {
        const name = error instanceof Error ? error.name : 'InternalServerException'
        const code = statuses.get(name) ?? 500
        response.setHeader('x-amzn-errortype', name)
        answer(response, code, { message: error instanceof Error ? error.message : String(error) })
      },
    )
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    calls,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

function operationOf(schema: Schema): Operation {
  const [method, path, code] = (schema[TRAITS] as { http: [string, string, number] }).http
  const labels = [...path.matchAll(/\{(\w+)\+?\}/g)].map(([, label = '']) => label)
  const pattern = path.replaceAll(/\{\w+\+?\}/g, '([^?]+)')
  return { name: String(schema[NAME]), method, path: new RegExp(`^${pattern}$`), labels, code, schema }
}

async function serve(
  operations: readonly Operation[],
  verbs: Readonly<Record<string, Verb>>,
  calls: AwsModelFake['calls'],
  request: IncomingMessage,
): Promise<{ code: number; body: object | undefined }> {
  const url = new URL(request.url ?? '/', 'http://fake.test')
  const found = operations.find(({ method, path }) => method === request.method && path.test(url.pathname))
  if (found === undefined) throw new ModelError(VALIDATION, `No verb is ${request.method} ${url.pathname}.`)
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk)
  const input: WireFields = { ...Object.fromEntries(url.searchParams), ...(text === '' ? {} : JSON.parse(text)) }
  const values = found.path.exec(url.pathname)?.slice(1) ?? []
  for (const [index, label] of found.labels.entries()) input[label] = decodeURIComponent(values[index] ?? '')
  checkMembers(found.schema[INPUT], input, found.labels)
  calls.push({ verb: found.name, input })
  const verb = verbs[found.name]
  if (verb === undefined) return { code: 501, body: { message: `${found.name} is not played here.` } }
  const body = await verb(input)
  if (body !== undefined) checkAnswer(found.schema[OUTPUT], body)
  return { code: found.code, body }
}

/** What a member is called on the wire (`jsonName` where the model has one), and its schema. */
function members(structure: Schema): Map<string, unknown> {
  const names = structure[MEMBERS] as string[]
  const schemas = structure[MEMBER_SCHEMAS] as unknown[]
  return new Map(
    names.map((name, index) => {
      const schema = schemas[index]
      const traits = isReference(schema) ? schema[1] : undefined
      const jsonName = typeof traits === 'object' && traits !== null ? Reflect.get(traits, 'jsonName') : undefined
      return [typeof jsonName === 'string' ? jsonName : name, resolved(schema)]
    }),
  )
}

/** A schema with traits of its own, as members have it; whole schemas have a namespace in the second place. */
function isReference(schema: unknown): schema is readonly [unknown, unknown] {
  return Array.isArray(schema) && typeof schema[1] !== 'string'
}

function resolved(schema: unknown): unknown {
  const inner = isReference(schema) ? schema[0] : schema
  return typeof inner === 'function' ? resolved((inner as () => unknown)()) : inner
}

function isOf(kind: number, schema: unknown): schema is Schema {
  return Array.isArray(schema) && schema[KIND] === kind
}

/** Members that the model lacks, however deep, by their path. */
function strangers(schema: unknown, value: unknown, path = ''): string[] {
  const at = resolved(schema)
  if (isOf(LIST, at) && Array.isArray(value)) {
    return value.flatMap((item, index) => strangers(at[MEMBERS], item, `${path}[${index}]`))
  }
  if (typeof value !== 'object' || value === null) return []
  if (isOf(MAP, at))
    return Object.entries(value).flatMap(([key, item]) => strangers(at[MAP_VALUES], item, `${path}.${key}`))
  if (!isOf(STRUCTURE, at)) return []
  const known = members(at)
  return Object.entries(value).flatMap(([name, item]) =>
    known.has(name) ? strangers(known.get(name), item, `${path}.${name}`) : [`${path}.${name}`],
  )
}

function checkMembers(schema: unknown, input: WireFields, labels: readonly string[]): void {
  const at = resolved(schema)
  if (!isOf(STRUCTURE, at)) return
  const asked = Object.fromEntries(Object.entries(input).filter(([name]) => !labels.includes(name)))
  const strange = strangers(at, asked)
  if (strange.length > 0) throw new ModelError(VALIDATION, `Unknown members: ${strange.join(', ')}.`)
  const required = [...members(at).keys()].slice(0, typeof at[REQUIRED] === 'number' ? at[REQUIRED] : 0)
  const lacking = required.filter(name => input[name] === undefined)
  if (lacking.length > 0) throw new ModelError(VALIDATION, `Members that are required: ${lacking.join(', ')}.`)
}

function checkAnswer(schema: unknown, body: object): void {
  const at = resolved(schema)
  if (!isOf(STRUCTURE, at)) throw new Error('The model answers nothing here.')
  const strange = strangers(at, body)
  if (strange.length > 0) throw new Error(`The model's answer has no members ${strange.join(', ')}.`)
}

function answer(response: ServerResponse, code: number, body: object | undefined): void {
  response.writeHead(code, { 'content-type': 'application/json' })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}

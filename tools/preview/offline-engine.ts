import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import * as grpc from '@grpc/grpc-js'
import engineServices from '@pulumi/pulumi/proto/engine_grpc_pb.js'
import engineMessages from '@pulumi/pulumi/proto/engine_pb.js'
import resourceServices from '@pulumi/pulumi/proto/resource_grpc_pb.js'
import resourceMessages from '@pulumi/pulumi/proto/resource_pb.js'
import type { GraphResource, ResourceGraph } from '#infra/resource-graph.ts'
import { fromWire } from './wire-value.ts'

const require = createRequire(import.meta.url)
const pulumiRequire = createRequire(require.resolve('@pulumi/pulumi'))
type StructClass = { fromJavaScript(value: Record<string, unknown>): StructMessage }
type StructMessage = NonNullable<ReturnType<InstanceType<typeof resourceMessages.RegisterResourceRequest>['getObject']>>
const { Struct } = pulumiRequire('google-protobuf/google/protobuf/struct_pb.js') as { Struct: StructClass }
const { Empty } = pulumiRequire('google-protobuf/google/protobuf/empty_pb.js') as { Empty: new () => never }

/** Longest the program may run before it is stopped, in ms. */
const RUN_MS = 300_000
const NODE_FLAGS = ['--disable-warning=DEP0040', '--import', import.meta.resolve('./plain-stacks.ts')]
/** Resource registrations the language host may have in flight. */
const PARALLEL = 32

/** What a resource is after it was made: its id and every property the program may read from it. */
export type Answer = { id: string; outputs: Readonly<Record<string, unknown>> }

export type ProgramRun = {
  project: string
  stack: string
  /** Full key (`showreel:tier`) to value, as the Pulumi CLI would pass it. */
  config: Readonly<Record<string, string>>
  /** The program's entry file. */
  program: string
  /**
   * `preview`: outputs are unknown, as before a first deployment. Else every resource is made and answers what this
   * function says, as in an update.
   */
  answer: 'preview' | ((resource: GraphResource) => Answer)
  signal?: AbortSignal
}

/** The program did not run to its end; the message is what a person at the terminal would have read. */
class ProgramFailed extends Error {
  override name = 'ProgramFailed'
}

/**
 * Runs a Pulumi program under Pulumi's own language host against an engine of our own, without a cloud, an account or a
 * network; gives what it declared. Throws `ProgramFailed` with the program's own messages.
 */
export async function runProgram(run: ProgramRun): Promise<ResourceGraph> {
  const record = newRecord(run)
  const server = new grpc.Server({ 'grpc.max_receive_message_length': 64 * 1024 * 1024 })
  server.addService(resourceServices.ResourceMonitorService, monitor(run, record))
  server.addService(engineServices.EngineService, engine(record))
  const port = await listen(server)
  try {
    const said = await runHost(run, `127.0.0.1:${port}`)
    if (record.errors.length > 0) throw new ProgramFailed(record.errors.join('\n').trim())
    if (said.code !== 0) throw new ProgramFailed(said.text.trim() || `The program ended with ${said.code}.`)
  } finally {
    server.forceShutdown()
  }
  return { stack: run.stack, config: run.config, resources: record.resources, outputs: record.outputs }
}

type Record_ = { resources: GraphResource[]; outputs: Record<string, unknown>; errors: string[] }

function newRecord(_run: ProgramRun): Record_ {
  return { resources: [], outputs: {}, errors: [] }
}

function listen(server: grpc.Server): Promise<number> {
  return new Promise((done, fail) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) done(port)
      else fail(error)
    })
  })
}

type Unary<Request, Response> = (
  call: { request: Request },
  answer: (error: Error | null, response: Response) => void,
) => void

function unary<Request, Response>(handle: (request: Request) => Response): Unary<Request, Response> {
  return ({ request }, answer) => {
    try {
      answer(null, handle(request))
    } catch (error) {
      answer(error as Error, undefined as never)
    }
  }
}

const unsupported = (what: string) =>
  unary(() => {
    throw new Error(`The program asked for ${what}; a preview without an account cannot answer that.`)
  })

function monitor(run: ProgramRun, record: Record_): grpc.UntypedServiceImplementation {
  const feature = resourceMessages.ResourceMonitorFeature
  const features = [
    feature.RESOURCE_MONITOR_FEATURE_SECRETS,
    feature.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    feature.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
  ]
  const dryRun = run.answer === 'preview'
  return {
    getDeploymentInfo: unary(() =>
      new resourceMessages.DeploymentInfo()
        .setProject(run.project)
        .setStack(run.stack)
        .setDryrun(dryRun)
        .setParallel(PARALLEL)
        .setSupportedfeaturesList(features),
    ),
    supportsFeature: unary(() => new resourceMessages.SupportsFeatureResponse().setHassupport(false)),
    registerResource: unary((request: InstanceType<typeof resourceMessages.RegisterResourceRequest>) => {
      const resource = resourceOf(run, request)
      record.resources.push(resource)
      const made =
        run.answer === 'preview' || !resource.custom ? { id: '', outputs: resource.inputs } : run.answer(resource)
      const outputs = run.answer === 'preview' ? rawInputs(request) : { ...rawInputs(request), ...made.outputs }
      return new resourceMessages.RegisterResourceResponse()
        .setUrn(resource.urn)
        .setId(made.id)
        .setObject(Struct.fromJavaScript(outputs))
    }),
    registerResourceOutputs: unary((request: InstanceType<typeof resourceMessages.RegisterResourceOutputsRequest>) => {
      if (request.getUrn().includes('pulumi:pulumi:Stack')) {
        record.outputs = fromWire(request.getOutputs()?.toJavaScript() ?? {}) as Record<string, unknown>
      }
      return new Empty()
    }),
    registerPackage: unary(() => new resourceMessages.RegisterPackageResponse().setRef('')),
    signalAndWaitForShutdown: unary(() => new Empty()),
    invoke: unsupported('a look-up'),
    call: unsupported('a method call'),
    readResource: unsupported('an existing resource'),
  }
}

function engine(record: Record_): grpc.UntypedServiceImplementation {
  let root = ''
  return {
    log: unary((request: InstanceType<typeof engineMessages.LogRequest>) => {
      if (request.getSeverity() === engineMessages.LogSeverity.ERROR) record.errors.push(request.getMessage())
      return new Empty()
    }),
    getRootResource: unary(() => new engineMessages.GetRootResourceResponse().setUrn(root)),
    setRootResource: unary((request: InstanceType<typeof engineMessages.SetRootResourceRequest>) => {
      root = request.getUrn()
      return new engineMessages.SetRootResourceResponse()
    }),
    requirePulumiVersion: unary(() => new engineMessages.RequirePulumiVersionResponse()),
  }
}

function rawInputs(request: InstanceType<typeof resourceMessages.RegisterResourceRequest>): Record<string, unknown> {
  return request.getObject()?.toJavaScript() ?? {}
}

function resourceOf(
  run: ProgramRun,
  request: InstanceType<typeof resourceMessages.RegisterResourceRequest>,
): GraphResource {
  const type = request.getType()
  const parent = request.getParent()
  const inputDependencies: Record<string, string[]> = {}
  request.getPropertydependenciesMap().forEach((list, key) => {
    if (list.getUrnsList().length > 0) inputDependencies[key] = list.getUrnsList()
  })
  return {
    urn: `urn:pulumi:${run.stack}::${run.project}::${qualifiedType(parent, type)}::${request.getName()}`,
    type,
    name: request.getName(),
    parent,
    custom: request.getCustom(),
    protect: request.getProtect() ?? false,
    inputs: fromWire(rawInputs(request)) as Record<string, unknown>,
    dependencies: request.getDependenciesList(),
    inputDependencies,
  }
}

/** The type with its parents' types before it, as URNs have it; the stack's own type is left out. */
function qualifiedType(parent: string, type: string): string {
  const parentType = parent.split('::')[2] ?? ''
  return parentType === '' || parentType === 'pulumi:pulumi:Stack' ? type : `${parentType}$${type}`
}

function runHost(run: ProgramRun, address: string): Promise<{ code: number; text: string }> {
  const program = resolve(run.program)
  const host = join(dirname(require.resolve('@pulumi/pulumi/package.json')), 'cmd', 'run', 'index.js')
  const flags = [
    `--monitor=${address}`,
    `--engine=${address}`,
    `--project=${run.project}`,
    `--stack=${run.stack}`,
    `--pwd=${dirname(program)}`,
    `--parallel=${PARALLEL}`,
    ...(run.answer === 'preview' ? ['--dry-run'] : []),
    program,
  ]
  const child = spawn(process.execPath, [...NODE_FLAGS, host, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PULUMI_NODEJS_TYPESCRIPT: 'false',
      PULUMI_CONFIG: JSON.stringify(run.config),
    },
    signal: AbortSignal.any([AbortSignal.timeout(RUN_MS), ...(run.signal === undefined ? [] : [run.signal])]),
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  return new Promise((done, fail) => {
    child.once('error', fail)
    child.once('close', code => done({ code: code ?? 1, text: Buffer.concat(chunks).toString('utf8') }))
  })
}

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_REGION, type ProviderSchema } from './provider-schema.ts'
import type { TerraformStack } from './terraform-config.ts'

const PROVIDER = 'registry.terraform.io/hashicorp/aws'
/** Longest one run of terraform may take, in ms. */
const RUN_MS = 300_000
const SAID_MAX_BYTES = 64 * 1024 * 1024

/** Terraform refused; the message is its own. */
export class TerraformRefused extends Error {
  override name = 'TerraformRefused'
  readonly said: string

  constructor(what: string, said: string) {
    super(`terraform ${what}:\n${said}`)
    this.said = said
  }
}

type Diagnostic = { severity: string; summary: string; detail: string; snippet?: { context?: string } }

/** One finding on one line, with the resource it is about. */
function sentence({ summary, detail, snippet }: Diagnostic): string {
  return `${snippet?.context ?? ''} ${summary}: ${detail}`.replaceAll(/\s+/gu, ' ').trim()
}

/** Terraform in a directory of its own, with a provider from a mirror and nothing from the network. */
export class TerraformRun implements Disposable {
  readonly #directory = mkdtempSync(join(tmpdir(), 'showreel-terraform-'))
  readonly #environment: NodeJS.ProcessEnv

  constructor(mirror: string, path: string | undefined) {
    const config = join(this.#directory, 'cli.tfrc')
    writeFileSync(
      config,
      `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
    )
    this.#environment = {
      PATH: path,
      HOME: this.#directory,
      TF_CLI_CONFIG_FILE: config,
      TF_IN_AUTOMATION: '1',
      CHECKPOINT_DISABLE: '1',
      AWS_EC2_METADATA_DISABLED: 'true',
    }
  }

  /** What the provider takes. */
  async schema(): Promise<ProviderSchema> {
    this.#write([])
    await this.#run('init', '-backend=false', '-input=false', '-no-color')
    const said = JSON.parse(await this.#run('providers', 'schema', '-json')) as {
      provider_schemas: Record<string, { resource_schemas: ProviderSchema }>
    }
    return said.provider_schemas[PROVIDER]?.resource_schemas ?? {}
  }

  /**
   * Validates stacks together and plans them against an account that is empty; gives how many resources would be made.
   * Throws `TerraformRefused`.
   */
  async plan(stacks: readonly TerraformStack[]): Promise<number> {
    this.#write(stacks)
    try {
      const flags = ['-input=false', '-no-color', '-refresh=false', '-lock=false', '-compact-warnings']
      const said = await this.#run('plan', ...flags)
      return Number(/^Plan: (\d+) to add, 0 to change, 0 to destroy\.$/mu.exec(said)?.[1] ?? 0)
    } catch (error) {
      if (error instanceof TerraformRefused) throw (await this.#invalid()) ?? error
      throw error
    }
  }

  /** What is wrong before anything is planned, one finding a line; undefined when it is nothing. */
  async #invalid(): Promise<TerraformRefused | undefined> {
    const said = await this.#run('validate', '-json').catch((error: unknown) => {
      if (error instanceof TerraformRefused) return error.said
      throw error
    })
    const { diagnostics } = JSON.parse(said) as { diagnostics: Diagnostic[] }
    const found = diagnostics.filter(({ severity }) => severity === 'error').map(sentence)
    return found.length === 0 ? undefined : new TerraformRefused('validate', [...new Set(found)].sort().join('\n'))
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #write(stacks: readonly TerraformStack[]): void {
    const resources: Record<string, Record<string, unknown>> = {}
    for (const stack of stacks) {
      for (const [type, labelled] of Object.entries(stack.resources)) {
        resources[type] = { ...resources[type], ...labelled }
      }
    }
    const regions = [...new Set(stacks.flatMap(stack => [...stack.regions]))]
    const config = {
      terraform: { required_providers: { aws: { source: 'hashicorp/aws' } } },
      provider: {
        aws: [provider(DEFAULT_REGION), ...regions.map(region => provider(region, region.replaceAll('-', '_')))],
      },
      ...(stacks.length === 0 ? {} : { resource: resources }),
    }
    writeFileSync(join(this.#directory, 'main.tf.json'), JSON.stringify(config, null, 1))
  }

  #run(...flags: string[]): Promise<string> {
    const child = spawn('terraform', flags, {
      cwd: this.#directory,
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: AbortSignal.timeout(RUN_MS),
    })
    const chunks: Buffer[] = []
    let bytes = 0
    const take = (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= SAID_MAX_BYTES) chunks.push(chunk)
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    return new Promise((done, fail) => {
      child.once('error', fail)
      child.once('close', code => {
        const said = Buffer.concat(chunks).toString('utf8')
        if (code === 0) done(said)
        else fail(new TerraformRefused(flags[0] ?? '', said.trim()))
      })
    })
  }
}

/** A provider of one region that asks nobody who it is: what is planned is compared with nothing. */
function provider(region: string, alias?: string): Record<string, unknown> {
  return {
    region,
    ...(alias === undefined ? {} : { alias }),
    access_key: 'none',
    secret_key: 'none',
    skip_credentials_validation: true,
    skip_metadata_api_check: 'true',
    skip_region_validation: true,
    skip_requesting_account_id: true,
  }
}

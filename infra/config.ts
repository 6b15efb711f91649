/** Everything the program is told from outside; `Pulumi.<stack>.yaml` holds it under `showreel:<key>`. */
export type InfraConfig = {
  stack: string
  /** `foundation` leaves out what needs images and secrets: the first of two deployments of a new account. */
  stage: 'foundation' | 'full'
  tier: 'dev' | 'prod'
  mediaPlane: 'ivs' | 'selfhost'
  domain: string
  dns: { mode: 'external' } | { mode: 'route53'; zoneId: string }
  aws: { accountId: string; home: string; pair: string }
  gcp: { project: string; projectNumber: string; billingAccount: string; home: string; pair: string }
  /** Image digests, `sha256:<64 hex>`. */
  images: { app: string; media: string }
  forwarder: { key: string; sha256: string }
  userIssuer: string
  playbackPublicKey: string
  originSigning: 'regional' | 'sigv4a'
  /** Ports of the self-hosted plane that SRT publishers are leased, in each region. */
  srtPorts: number
  /** Encodes that may run at once on reserved MediaConvert capacity; each is paid for a year. */
  mediaConvertSlots: number
  /** The dated release of Google's Dataflow templates. */
  dataflowTemplates: string
  features: {
    warehouse: boolean
    redis: boolean
    snowflakeAccount: string | undefined
    engagementPipeline: string | undefined
  }
  alertEmail: string
  monthlyBudgetUsd: number
}

/** Config that does not fit; the message says everything that is wrong, one line each. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly complaints: readonly string[]

  constructor(stack: string, complaints: readonly string[]) {
    super(`Pulumi.${stack}.yaml needs ${complaints.length} correction(s):\n${complaints.map(c => `  ${c}`).join('\n')}`)
    this.complaints = complaints
  }
}

type Read = (key: string) => string | undefined
type Field = { pattern: RegExp; wants: string; fallback?: string }

const REGION_AWS = /^[a-z]{2}(?:-[a-z]+)+-\d$/u
const REGION_GCP = /^[a-z]+-[a-z]+\d+$/u
const DIGEST: Field = { pattern: /^sha256:[0-9a-f]{64}$/u, wants: 'an image digest, sha256: and 64 hex digits' }
const SWITCH: Field = { pattern: /^(?:on|off)$/u, wants: 'on or off' }

const FIELDS = {
  stage: { pattern: /^(?:foundation|full)$/u, wants: 'foundation or full', fallback: 'full' },
  tier: { pattern: /^(?:dev|prod)$/u, wants: 'dev or prod' },
  mediaPlane: { pattern: /^(?:ivs|selfhost)$/u, wants: 'ivs or selfhost' },
  domain: { pattern: /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/u, wants: 'a domain name' },
  dns: { pattern: /^(?:route53|external)$/u, wants: 'route53 or external' },
  dnsZoneId: { pattern: /^(?:Z[A-Z0-9]{8,31})?$/u, wants: 'a Route 53 hosted zone id', fallback: '' },
  awsAccountId: { pattern: /^\d{12}$/u, wants: 'the 12 digits of an AWS account, quoted' },
  awsHome: { pattern: REGION_AWS, wants: 'an AWS region' },
  awsPair: { pattern: REGION_AWS, wants: 'an AWS region' },
  gcpProject: { pattern: /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/u, wants: 'a Google Cloud project id' },
  gcpProjectNumber: { pattern: /^\d{6,14}$/u, wants: 'a Google Cloud project number, quoted' },
  gcpBillingAccount: { pattern: /^[0-9A-Z]{6}(?:-[0-9A-Z]{6}){2}$/u, wants: 'a billing account, XXXXXX-XXXXXX-XXXXXX' },
  gcpHome: { pattern: REGION_GCP, wants: 'a Google Cloud region' },
  gcpPair: { pattern: REGION_GCP, wants: 'a Google Cloud region' },
  appImage: DIGEST,
  mediaImage: DIGEST,
  forwarderKey: { pattern: /^[\w./-]{1,512}$/u, wants: 'an object key' },
  forwarderSha256: { pattern: /^[A-Za-z0-9+/]{43}=$/u, wants: 'a sha256 in base64' },
  userIssuer: { pattern: /^https:\/\/[^\s/]+(?:\/\S*)?$/u, wants: 'an https URL' },
  playbackPublicKey: {
    pattern: /^-----BEGIN PUBLIC KEY-----\s[\sA-Za-z0-9+/=]+-----END PUBLIC KEY-----\s*$/u,
    wants: 'a P-384 public key in PEM',
  },
  originSigning: { pattern: /^(?:regional|sigv4a)$/u, wants: 'regional or sigv4a', fallback: 'regional' },
  srtPorts: { pattern: /^(?:[1-9]|[123]\d|40)$/u, wants: 'a number from 1 to 40', fallback: '16' },
  mediaConvertSlots: { pattern: /^(?:0|[1-9]\d?)$/u, wants: 'a number from 0 to 99', fallback: '0' },
  warehouse: SWITCH,
  dataflowTemplates: {
    pattern: /^20\d{2}-\d{2}-\d{2}-\d{2}_RC\d{2}$/u,
    wants: 'a dated release of the Dataflow templates, YYYY-MM-DD-00_RC00',
  },
  engagementPipeline: {
    pattern: /^(?:[\w./-]{1,512}\.ya?ml)?$/u,
    wants: 'the object key of a pipeline in YAML',
    fallback: '',
  },
  redis: SWITCH,
  snowflakeAccount: {
    pattern: /^(?:[\w.-]+@[\w.-]+\.iam\.gserviceaccount\.com)?$/u,
    wants: "Snowflake's service account e-mail",
    fallback: '',
  },
  alertEmail: { pattern: /^[^\s@]+@[^\s@]+\.[^\s@]+$/u, wants: 'an e-mail address' },
  monthlyBudgetUsd: { pattern: /^[1-9]\d{0,6}$/u, wants: 'a whole number of US dollars' },
} as const satisfies Record<string, Field>

type Values = { [Key in keyof typeof FIELDS]: string }

/** Every key the program reads. */
export const CONFIG_KEYS = Object.keys(FIELDS)

/** Reads the whole config of a stack; throws one `ConfigError` that names every mistake. */
export function readConfig(stack: string, read: Read): InfraConfig {
  const complaints: string[] = []
  const values = Object.fromEntries(
    Object.entries<Field>(FIELDS).map(([key, { pattern, wants, fallback }]) => {
      const value = read(key) ?? fallback
      if (value === undefined) complaints.push(`showreel:${key} is missing: ${wants}`)
      else if (!pattern.test(value)) complaints.push(`showreel:${key}: "${shortened(value)}" is not ${wants}`)
      return [key, value ?? '']
    }),
  ) as Values
  complaints.push(...contradictions(values))
  if (complaints.length > 0) throw new ConfigError(stack, complaints)
  return assembled(stack, values)
}

/** Values that are fine alone and wrong together. */
function contradictions(values: Values): string[] {
  const found: string[] = []
  if (values.dns === 'route53' && values.dnsZoneId === '') {
    found.push('showreel:dnsZoneId is missing: showreel:dns is route53, which needs the hosted zone')
  }
  if (values.awsHome === values.awsPair) found.push('showreel:awsPair must be another region than showreel:awsHome')
  if (values.gcpHome === values.gcpPair) found.push('showreel:gcpPair must be another region than showreel:gcpHome')
  if (values.mediaPlane === 'ivs' && values.awsHome !== 'us-east-1') {
    found.push(
      'showreel:awsHome must be us-east-1 while showreel:mediaPlane is ivs: its events and the home bus are one',
    )
  }
  if (values.tier === 'prod' && values.redis === 'off') {
    found.push('showreel:redis must be on in prod: rate limits are shared between instances')
  }
  return found
}

function assembled(stack: string, values: Values): InfraConfig {
  return {
    stack,
    stage: values.stage as InfraConfig['stage'],
    tier: values.tier as InfraConfig['tier'],
    mediaPlane: values.mediaPlane as InfraConfig['mediaPlane'],
    domain: values.domain,
    dns: values.dns === 'route53' ? { mode: 'route53', zoneId: values.dnsZoneId } : { mode: 'external' },
    aws: { accountId: values.awsAccountId, home: values.awsHome, pair: values.awsPair },
    gcp: {
      project: values.gcpProject,
      projectNumber: values.gcpProjectNumber,
      billingAccount: values.gcpBillingAccount,
      home: values.gcpHome,
      pair: values.gcpPair,
    },
    images: { app: values.appImage, media: values.mediaImage },
    forwarder: { key: values.forwarderKey, sha256: values.forwarderSha256 },
    userIssuer: values.userIssuer,
    playbackPublicKey: values.playbackPublicKey,
    originSigning: values.originSigning as InfraConfig['originSigning'],
    srtPorts: Number(values.srtPorts),
    mediaConvertSlots: Number(values.mediaConvertSlots),
    dataflowTemplates: values.dataflowTemplates,
    features: {
      engagementPipeline: values.engagementPipeline === '' ? undefined : values.engagementPipeline,
      warehouse: values.warehouse === 'on',
      redis: values.redis === 'on',
      snowflakeAccount: values.snowflakeAccount === '' ? undefined : values.snowflakeAccount,
    },
    alertEmail: values.alertEmail,
    monthlyBudgetUsd: Number(values.monthlyBudgetUsd),
  }
}

const SHOWN_MAX = 60

function shortened(value: string): string {
  return value.length > SHOWN_MAX ? `${value.slice(0, SHOWN_MAX)}…` : value
}

import * as aws from '@pulumi/aws'
import type * as pulumi from '@pulumi/pulumi'
import { Component, type Plan } from './component.ts'

/** CloudFront takes certificates from here alone. */
export const EDGE_REGION = 'us-east-1'
const RECORD_TTL_S = 300

/** The names people and programs use. */
export function namesOf({ config }: Plan) {
  const { domain } = config
  return {
    /** Pages and API. */
    app: domain,
    /** Playlists and media. */
    media: `media.${domain}`,
    /** Publishers of the self-hosted plane, by region. */
    ingest: (region: string) => `ingest-${region}.${domain}`,
    /** What CloudFront asks for live media, by region. */
    origin: (region: string) => `origin-${region}.${domain}`,
  }
}

/** Certificates and DNS records on the AWS side; with external DNS the records to make are outputs. */
export class Names extends Component {
  readonly edgeCertificate: aws.acm.Certificate
  /** Certificates of the self-hosted plane's doors, by region. */
  readonly doorCertificates: Readonly<Record<string, aws.acm.Certificate>>
  readonly hosts: ReturnType<typeof namesOf>
  readonly #plan: Plan

  constructor(plan: Plan) {
    super('Names', 'names', plan)
    this.#plan = plan
    this.hosts = namesOf(plan)
    const names = this.hosts
    this.edgeCertificate = this.#certificate('media', EDGE_REGION, names.media, [])
    const regions = plan.config.mediaPlane === 'selfhost' ? [plan.config.aws.home, plan.config.aws.pair] : []
    this.doorCertificates = Object.fromEntries(
      regions.map(region => [
        region,
        this.#certificate(`doors-${region}`, region, names.ingest(region), [names.origin(region)]),
      ]),
    )
    this.registerOutputs({})
  }

  /** An alias record for an address of AWS; nothing where DNS is elsewhere. */
  alias(name: string, host: string, target: { dnsName: pulumi.Input<string>; zoneId: pulumi.Input<string> }): void {
    const { dns } = this.#plan.config
    if (dns.mode === 'external') return
    new aws.route53.Record(
      name,
      {
        zoneId: dns.zoneId,
        name: host,
        type: 'A',
        aliases: [{ name: target.dnsName, zoneId: target.zoneId, evaluateTargetHealth: true }],
      },
      this.own,
    )
  }

  /** An address record; nothing where DNS is elsewhere. */
  address(name: string, host: string, ip: pulumi.Input<string>): void {
    const { dns } = this.#plan.config
    if (dns.mode === 'external') return
    new aws.route53.Record(
      name,
      { zoneId: dns.zoneId, name: host, type: 'A', ttl: RECORD_TTL_S, records: [ip] },
      this.own,
    )
  }

  /** A record that points one name at another; nothing where DNS is elsewhere. */
  pointer(name: string, host: pulumi.Input<string>, target: pulumi.Input<string>): void {
    const { dns } = this.#plan.config
    if (dns.mode === 'external') return
    new aws.route53.Record(
      name,
      { zoneId: dns.zoneId, name: host, type: 'CNAME', ttl: RECORD_TTL_S, records: [target] },
      this.own,
    )
  }

  /** The record that proves the domain, for whoever keeps the zone elsewhere. */
  validationRecord(): pulumi.Output<string> {
    return this.edgeCertificate.domainValidationOptions.apply(
      ([option]) => `${option?.resourceRecordName ?? ''} CNAME ${option?.resourceRecordValue ?? ''}`,
    )
  }

  /** The certificate once the domain is proven; waits for the record to appear. */
  proven(certificate: aws.acm.Certificate, name: string, region: string): pulumi.Output<string> {
    const { dns } = this.#plan.config
    const records =
      dns.mode === 'external'
        ? undefined
        : [
            new aws.route53.Record(
              `${name}-proof`,
              {
                zoneId: dns.zoneId,
                name: certificate.domainValidationOptions.apply(([option]) => option?.resourceRecordName ?? ''),
                type: 'CNAME',
                ttl: RECORD_TTL_S,
                records: [certificate.domainValidationOptions.apply(([option]) => option?.resourceRecordValue ?? '')],
                allowOverwrite: true,
              },
              this.own,
            ).fqdn,
          ]
    return new aws.acm.CertificateValidation(
      name,
      {
        region,
        certificateArn: certificate.arn,
        ...(records === undefined ? {} : { validationRecordFqdns: records }),
      },
      this.own,
    ).certificateArn
  }

  #certificate(name: string, region: string, domainName: string, others: string[]): aws.acm.Certificate {
    return new aws.acm.Certificate(
      name,
      {
        region,
        domainName,
        validationMethod: 'DNS',
        ...(others.length === 0 ? {} : { subjectAlternativeNames: others }),
      },
      this.own,
    )
  }
}

import * as aws from '@pulumi/aws'
import * as gcp from '@pulumi/gcp'
import * as pulumi from '@pulumi/pulumi'
import { SERVICES, type ServiceRow } from '#shared/domain/service-catalogue.ts'
import { Component, physicalName, type Plan } from './component.ts'

/** Uses that reach into AWS; a service with one of them has a role there. */
const AWS_USES = new Set(['objects', 'live-channels', 'transcode', 'wake'])
/** Longest session of an assumed role, in s. */
const SESSION_S = 3_600

/** Rows of the catalogue that run on Google Cloud. */
export function googleServices(): ServiceRow[] {
  return SERVICES.filter(({ kind }) => kind === 'service' || kind === 'pool' || kind === 'job')
}

/** What a token must say to be taken for one service of this stack; also what the service asks its token for. */
export function awsAudience(plan: Plan): string {
  return `https://sts.amazonaws.com/${physicalName(plan, 'services')}`
}

/**
 * Who everything is, without a key anywhere. Google to AWS: a role per service that trusts that service's own account
 * alone. AWS to Google: a pool that trusts single roles of one AWS account: the forwarder's, the workers', the media plane's.
 */
export class Identity extends Component {
  /** Service accounts by service, and `pusher`, `scheduler`, `builder`. */
  readonly accounts: Readonly<Record<string, gcp.serviceaccount.Account>>
  /** Roles in AWS by Google service. */
  readonly roles: Readonly<Record<string, aws.iam.Role>>
  /** Roles of what runs in AWS and speaks to Google. */
  readonly forwarderRole: aws.iam.Role
  readonly workerRole: aws.iam.Role
  /** Roles of the self-hosted plane's doors, by region; none where IVS takes the shows. */
  readonly planeRoles: Readonly<Record<string, aws.iam.Role>>
  readonly provider: gcp.iam.WorkloadIdentityPoolProvider
  readonly #pool: gcp.iam.WorkloadIdentityPool
  readonly #plan: Plan

  constructor(plan: Plan) {
    super('Identity', 'identity', plan)
    this.#plan = plan
    const names = [...googleServices().map(({ name }) => name), 'worker', 'pusher', 'scheduler']
    this.accounts = Object.fromEntries(names.map(name => [name, this.#account(name)]))
    this.roles = Object.fromEntries(
      googleServices()
        .filter(({ uses }) => uses.some(use => AWS_USES.has(use)))
        .map(({ name }) => [name, this.#serviceRole(name)]),
    )
    this.forwarderRole = this.#awsRole('forwarder', 'lambda.amazonaws.com')
    this.workerRole = this.#awsRole('worker', 'ecs-tasks.amazonaws.com')
    const { home, pair } = plan.config.aws
    const planes = plan.config.mediaPlane === 'selfhost' ? [home, pair] : []
    this.planeRoles = Object.fromEntries(
      planes.map(region => [region, this.#awsRole(`plane-${region}`, 'ecs-tasks.amazonaws.com')]),
    )
    this.#pool = new gcp.iam.WorkloadIdentityPool(
      'aws',
      { workloadIdentityPoolId: physicalName(plan, 'aws'), displayName: 'AWS roles of this stack' },
      this.own,
    )
    this.provider = this.#awsProvider()
    this.#letWorkersSpeak()
    this.registerOutputs({})
  }

  account(name: string): gcp.serviceaccount.Account {
    const account = this.accounts[name]
    if (account === undefined) throw new Error(`${name} has no service account.`)
    return account
  }

  planeRole(region: string): aws.iam.Role {
    const role = this.planeRoles[region]
    if (role === undefined) throw new Error(`There is no media plane in ${region}.`)
    return role
  }

  /** The member that stands for one AWS role in Google's policies. */
  principalSet(role: aws.iam.Role): pulumi.Output<string> {
    return pulumi.interpolate`principalSet://iam.googleapis.com/${this.#pool.name}/attribute.aws_role/${this.#session(role)}`
  }

  #session(role: aws.iam.Role): pulumi.Output<string> {
    return pulumi.interpolate`arn:aws:sts::${this.#plan.config.aws.accountId}:assumed-role/${role.name}`
  }

  #account(name: string): gcp.serviceaccount.Account {
    return new gcp.serviceaccount.Account(
      name,
      { accountId: `${this.#plan.config.stack}-${name}`, displayName: `Showreel ${name} (${this.#plan.config.stack})` },
      this.own,
    )
  }

  /** Google maps a service account's token to aud = azp = the account's unique id, and oaud = the audience asked for. */
  #serviceRole(name: string): aws.iam.Role {
    const { uniqueId } = this.account(name)
    return new aws.iam.Role(
      name,
      {
        description: `Assumed by the Google service account of ${name}`,
        maxSessionDuration: SESSION_S,
        assumeRolePolicy: pulumi.jsonStringify({
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Federated: 'accounts.google.com' },
              Action: 'sts:AssumeRoleWithWebIdentity',
              Condition: {
                StringEquals: {
                  'accounts.google.com:aud': uniqueId,
                  'accounts.google.com:oaud': awsAudience(this.#plan),
                  'accounts.google.com:sub': uniqueId,
                },
              },
            },
          ],
        }),
      },
      this.own,
    )
  }

  #awsRole(name: string, service: string): aws.iam.Role {
    return new aws.iam.Role(
      name,
      {
        name: physicalName(this.#plan, name),
        assumeRolePolicy: pulumi.jsonStringify({
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: service },
              Action: 'sts:AssumeRole',
              Condition: { StringEquals: { 'aws:SourceAccount': this.#plan.config.aws.accountId } },
            },
          ],
        }),
      },
      this.own,
    )
  }

  #awsProvider(): gcp.iam.WorkloadIdentityPoolProvider {
    const roles = [this.forwarderRole, this.workerRole, ...Object.values(this.planeRoles)].map(role =>
      this.#session(role),
    )
    return new gcp.iam.WorkloadIdentityPoolProvider(
      'aws',
      {
        workloadIdentityPoolId: this.#pool.workloadIdentityPoolId,
        workloadIdentityPoolProviderId: 'aws',
        aws: { accountId: this.#plan.config.aws.accountId },
        attributeMapping: {
          'google.subject': 'assertion.arn',
          'attribute.aws_role':
            "assertion.arn.contains('assumed-role') ? assertion.arn.extract('{account_arn}assumed-role/') + 'assumed-role/' + assertion.arn.extract('assumed-role/{role_name}/') : assertion.arn",
        },
        attributeCondition: pulumi
          .all(roles)
          .apply(arns => `attribute.aws_role in [${arns.map(arn => `'${arn}'`).join(', ')}]`),
      },
      this.own,
    )
  }

  /** Workers ask for leases over HTTP; their token is minted for the Google account `worker`, and for nothing else. */
  #letWorkersSpeak(): void {
    new gcp.serviceaccount.IAMMember(
      'worker-mints-own-token',
      {
        serviceAccountId: this.account('worker').name,
        role: 'roles/iam.serviceAccountOpenIdTokenCreator',
        member: this.principalSet(this.workerRole),
      },
      { ...this.own, dependsOn: this.provider },
    )
  }
}

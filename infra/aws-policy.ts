import * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'

/** One permission: what may be done, to what, and under which conditions. */
export type Statement = {
  Sid?: string
  Effect: 'Allow' | 'Deny'
  Principal?: pulumi.Input<string> | Record<string, pulumi.Input<string> | pulumi.Input<string>[]>
  Action: string | string[]
  Resource: pulumi.Input<string> | pulumi.Input<string>[]
  Condition?: Record<string, Record<string, pulumi.Input<string> | pulumi.Input<string>[]>>
}

/** An IAM policy document as JSON. */
export function policyDocument(statements: readonly Statement[]): pulumi.Output<string> {
  return pulumi.jsonStringify({ Version: '2012-10-17', Statement: statements as Statement[] })
}

/** Lets a role do exactly this. */
export function grant(
  name: string,
  role: aws.iam.Role,
  statements: readonly Statement[],
  own: pulumi.CustomResourceOptions,
): aws.iam.RolePolicy {
  return new aws.iam.RolePolicy(name, { role: role.name, policy: policyDocument(statements) }, own)
}

/** A role that one AWS service takes on, for this account alone; a machine's says no account, for it has no other. */
export function serviceRole(
  name: string,
  principal: string,
  accountId: string | undefined,
  own: pulumi.CustomResourceOptions,
): aws.iam.Role {
  return new aws.iam.Role(
    name,
    {
      assumeRolePolicy: pulumi.jsonStringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: principal },
            Action: 'sts:AssumeRole',
            ...(accountId === undefined ? {} : { Condition: { StringEquals: { 'aws:SourceAccount': accountId } } }),
          },
        ],
      }),
    },
    own,
  )
}

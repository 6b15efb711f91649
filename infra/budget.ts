import * as aws from '@pulumi/aws'
import * as gcp from '@pulumi/gcp'
import type { Alerting } from './alerting.ts'
import { Component, physicalName, type Plan } from './component.ts'

/** How the stack's monthly amount is shared between the clouds: media and delivery cost more than services. */
const AWS_SHARE = 0.6
/** Parts of the amount at which somebody is told, in per cent. */
const TOLD_AT = [50, 80, 100] as const
const PERCENT = 100
const BUDGET_REGION_TOPIC = 'us-east-1'

/** What a month may cost in each cloud, and who is told when it costs more. */
export class Budget extends Component {
  constructor(plan: Plan, alerting: Alerting) {
    super('Budget', 'budget', plan)
    const { monthlyBudgetUsd, gcp: google } = plan.config
    const onAws = Math.ceil(monthlyBudgetUsd * AWS_SHARE)
    this.#onAws(plan, onAws, alerting)
    new gcp.billing.Budget(
      'month',
      {
        billingAccount: google.billingAccount,
        displayName: physicalName(plan, 'month'),
        budgetFilter: { projects: [`projects/${google.projectNumber}`], calendarPeriod: 'MONTH' },
        amount: { specifiedAmount: { currencyCode: 'USD', units: String(Math.max(monthlyBudgetUsd - onAws, 1)) } },
        thresholdRules: [
          ...TOLD_AT.map(each => ({ thresholdPercent: each / PERCENT, spendBasis: 'CURRENT_SPEND' })),
          { thresholdPercent: 1, spendBasis: 'FORECASTED_SPEND' },
        ],
        allUpdatesRule: { monitoringNotificationChannels: [alerting.channel.id], disableDefaultIamRecipients: true },
      },
      this.own,
    )
    this.registerOutputs({})
  }

  #onAws(plan: Plan, amount: number, alerting: Alerting): void {
    const told = alerting.topics[BUDGET_REGION_TOPIC] ?? alerting.topic(plan.config.aws.home)
    const notice = (threshold: number, notificationType: 'ACTUAL' | 'FORECASTED') => ({
      comparisonOperator: 'GREATER_THAN',
      threshold,
      thresholdType: 'PERCENTAGE',
      notificationType,
      subscriberSnsTopicArns: [told.arn],
    })
    new aws.budgets.Budget(
      'month',
      {
        name: physicalName(plan, 'month'),
        budgetType: 'COST',
        limitAmount: String(amount),
        limitUnit: 'USD',
        timeUnit: 'MONTHLY',
        notifications: [...TOLD_AT.map(each => notice(each, 'ACTUAL')), notice(PERCENT, 'FORECASTED')],
      },
      this.own,
    )
  }
}

/** What `PRICES` were last read as: public list prices before discounts and free tiers, of us-east-1 and us-east4. */
export const PRICES_AS_OF = '2025-06'

/** Hours a month is counted as. */
export const MONTH_H = 730

/**
 * US dollars by what is billed; the unit is the name's end. Compare with the vendors' pages before a budget stands on
 * them; Asian regions are 10 to 40 % dearer.
 */
export const PRICES = {
  // aws.amazon.com/cloudfront/pricing, United States
  edgeGb: 0.085,
  edgeMillionRequests: 1,
  edgeFunctionMillion: 0.1,
  edgeStoreMillionReads: 0.03,
  edgeShieldMillionRequests: 0.75,
  // aws.amazon.com/ivs/pricing
  ivsStandardInputHour: 2,
  ivsOutputHdHour: 0.075,
  // aws.amazon.com/mediaconvert/pricing, basic tier, AVC, up to 30 frames a second
  mediaConvertHdMinute: 0.015,
  mediaConvertSdMinute: 0.0075,
  mediaConvertSlotMonth: 400,
  // aws.amazon.com/s3/pricing
  s3MillionPuts: 5,
  s3MillionGets: 0.4,
  s3GbMonth: 0.023,
  s3ReplicatedGb: 0.02,
  s3ReplicationTimeGb: 0.015,
  // aws.amazon.com/eventbridge, /sqs, /lambda pricing, together for one event handed over
  handoffMillionEvents: 3,
  // aws.amazon.com/ec2/spot/pricing, c7i.large, a usual price; Spot moves
  spotVcpuHour: 0.018,
  // aws.amazon.com/fargate/pricing
  fargateVcpuHour: 0.04048,
  fargateGbHour: 0.004445,
  // aws.amazon.com/elasticloadbalancing/pricing, vpc/pricing, ec2/pricing, ebs/pricing, cloudwatch/pricing
  balancerHour: 0.0225,
  networkBalancerGb: 0.006,
  httpBalancerGb: 0.008,
  betweenZonesGb: 0.02,
  publicAddressHour: 0.005,
  diskGbMonth: 0.08,
  alarmMetricMonth: 0.1,
  // cloud.google.com/spanner/pricing, regional
  spannerThousandUnitsHour: 0.9,
  // cloud.google.com/memorystore/valkey/pricing, standard-small
  valkeyNodeHour: 0.1746,
  // cloud.google.com/run/pricing, tier 1: kept while idle, always on, worker pool
  runIdleVcpuHour: 0.009,
  runIdleGbHour: 0.009,
  runAlwaysVcpuHour: 0.0648,
  runAlwaysGbHour: 0.0072,
  runPoolVcpuHour: 0.0415,
  runPoolGbHour: 0.0045,
  // cloud.google.com/vpc/network-pricing, armor, scheduler, secret-manager, monitoring, dataflow pricing
  forwardingRulesHour: 0.025,
  armorPolicyMonth: 5,
  armorRuleMonth: 1,
  schedulerJobMonth: 0.1,
  secretPlaceMonth: 0.06,
  alertConditionMonth: 0.1,
  dataflowWorkerHour: 0.15,
} as const

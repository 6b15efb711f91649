import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'

/** What moto_server takes; it checks nothing. */
export const MOTO_CREDENTIALS = { accessKeyId: 'emulator', secretAccessKey: 'emulator' }
export const MOTO_REGION = 'us-east-1'

/** Makes a bucket on moto_server, whose address it is given. */
export async function motoBucket(endpoint: string, bucket: string): Promise<void> {
  const client = new S3Client({ region: MOTO_REGION, endpoint, forcePathStyle: true, credentials: MOTO_CREDENTIALS })
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }))
  } finally {
    client.destroy()
  }
}

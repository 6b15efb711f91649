import { z } from 'zod'
import { awsEvent } from './aws-event.ts'
import { providerEvent } from './provider-event.ts'

/** Any event of a provider as it stands on the wire: our own media plane's, or a service's of AWS. */
export const rawEvent = z.discriminatedUnion('detail-type', [providerEvent, awsEvent])
export type RawEvent = z.infer<typeof rawEvent>

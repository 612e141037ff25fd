import type { EventSourceSpec, FunctionSpec } from '../system.ts';
import type { Access } from './access.ts';

/** What Lambda does with a queue in the name of the function that consumes it. */
const polling_actions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

/**
 * Throws `AccessDenied` for a function whose role does not allow Lambda to poll its queue: AWS
 * would refuse to create the event source.
 */
export function checkPolling(
  sources: readonly EventSourceSpec[],
  functions: readonly FunctionSpec[],
  access: Access,
): void {
  for (const source of sources) {
    const consumer = functions.find(({ name, arn }) => source.function === name || source.function === arn);
    if (consumer === undefined) continue;
    access.check(
      consumer.name,
      polling_actions.map((action) => ({ action, resource: source.queue_arn })),
    );
  }
}

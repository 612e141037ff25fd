import { billing_routes } from '../../shared/api/billing-routes.ts';
import { type ApiEvent, toResult } from '../../shared/api/http.ts';
import { Problem } from '../../shared/api/problem.ts';
import type { Served } from '../../shared/api/serve.ts';
import type { ReadSecret } from '../../shared/stripe/secret.ts';
import { isSignedByStripe, signingSecrets } from '../../shared/stripe/verify-signature.ts';
import { type EventQueue, toEventMessage } from '../event-queue.ts';

export interface ReceiverDeps {
  readonly read_webhook_secrets: ReadSecret;
  readonly queue: EventQueue;
}

/**
 * POST /api/webhooks/stripe. Only the signature decides. A signed event is on the queue before it
 * is acknowledged; if the queue does not take it, the answer is an error, and Stripe sends it
 * again. The signature is over the raw bytes, so nothing reads the body before.
 */
export const receiveStripeEvent = ({ read_webhook_secrets, queue }: ReceiverDeps): Served => ({
  route: billing_routes.stripe_webhook,
  async answer(event, { now }) {
    const body = rawBody(event);
    const secrets = signingSecrets(await read_webhook_secrets());
    if (!(await isSignedByStripe({ body, signature: event.headers['stripe-signature'] }, secrets, now))) {
      throw new Problem(
        'invalid_signature',
        'The Stripe-Signature header does not sign this body, or did so too long ago.',
      );
    }
    await queue.send(toEventMessage(body.toString('utf8')));
    return toResult(200, { received: true }, false);
  },
});

function rawBody({ body = '', isBase64Encoded }: ApiEvent): Buffer {
  return Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
}

import { Unavailable } from '../domain/errors.ts';

/**
 * Stripe did not do what was asked: no connection, an error of its own, too many requests, or a key
 * or setting that it refuses. The message goes to the caller and tells nothing of the inside; the
 * log has Stripe's code and request id.
 */
export class StripeUnavailable extends Unavailable {
  readonly code = 'stripe_unavailable';
  constructor(options?: ErrorOptions) {
    super('Stripe did not answer as expected; try again in a moment', options);
    this.name = 'StripeUnavailable';
  }
}

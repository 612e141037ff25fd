import { type ApiFunctionOptions, apiFunction } from '../../shared/api/serve.ts';
import { type ReceiverParts, receiveStripeEvent } from './receive-stripe-event.ts';

/** The function that receives Stripe's events, over the given parts. */
export function webhookApi(parts: ReceiverParts & ApiFunctionOptions) {
  return apiFunction('webhook', [receiveStripeEvent(parts)], parts);
}

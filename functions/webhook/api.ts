import { type ApiFunctionOptions, apiFunction } from '../../shared/api/serve.ts';
import { type ReceiverDeps, receiveStripeEvent } from './receive-stripe-event.ts';

/** The function that receives Stripe's events, over the given dependencies. */
export function webhookApi(deps: ReceiverDeps & ApiFunctionOptions) {
  return apiFunction('webhook', [receiveStripeEvent(deps)], deps);
}

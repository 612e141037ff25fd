import { apiFunction } from '../../shared/api/serve.ts';
import type { StripeEventParts } from '../../shared/stripe/apply-stripe-event.ts';
import type { Parts } from '../composition.ts';
import { listStripeEvents } from './list-stripe-events.ts';
import { replayStripeEvent } from './replay-stripe-event.ts';

export interface AdminParts extends Parts, StripeEventParts {}

/** The function that serves operators, over the given parts. */
export function adminApi(parts: AdminParts) {
  const served = [listStripeEvents, replayStripeEvent];
  return apiFunction(
    'admin',
    served.map((route) => route(parts)),
    parts,
  );
}

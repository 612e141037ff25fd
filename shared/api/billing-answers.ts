import * as z from '../zod.ts';
import { count, instant, interval } from './schemas.ts';

export const plans_answer = z.strictObject({
  plans: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      monthly_credits: z.nullable(count).check(z.describe('null means unlimited')),
      features: z.array(z.string()),
      prices: z.array(z.strictObject({ interval, amount: count, currency: z.string() })),
    }),
  ),
  packs: z.array(
    z.strictObject({ id: z.string(), name: z.string(), credits: count, amount: count, currency: z.string() }),
  ),
});

export const subscription_answer = z.strictObject({
  account_id: z.string(),
  plan: z.string(),
  status: z.string(),
  interval: z.nullable(interval),
  current_period_end: z.nullable(instant),
  cancel_at_period_end: z.boolean(),
  stripe_customer_id: z.nullable(z.string()),
  stripe_subscription_id: z.nullable(z.string()),
});

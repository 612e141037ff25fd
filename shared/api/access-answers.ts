import * as z from '../zod.ts';
import { count, date, instant } from './schemas.ts';

export const features_answer = z.strictObject({
  plan: z.string(),
  status: z.string(),
  all: z.boolean(),
  features: z.array(z.string()),
});

export const override_answer = z.strictObject({
  feature: z.string(),
  allowed: z.nullable(z.boolean()).check(z.describe('null: the plan alone decides')),
  expires_at: z.nullable(instant).check(z.describe('null means never')),
});

export const usage_answer = z.strictObject({
  data: z.array(z.strictObject({ date, feature: z.string(), count, credits: count })),
  totals: z
    .array(z.strictObject({ feature: z.string(), count, credits: count }))
    .check(z.describe('Of this page: add up those of all pages.')),
  next_cursor: z.nullable(z.string()).check(z.describe('Where the listing goes on. A page may be empty and have one.')),
});

export const usage_recorded_answer = z.strictObject({ feature: z.string(), date, count });

import * as z from 'zod';
import { packPrices, planPrices } from './prices.ts';

const name = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, 'must be lower-case letters, digits and _, beginning with a letter');
const credits = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
/** Small enough that purchases, grants and rolled-over credits can be counted beside it. */
const allowance = z
  .int()
  .min(0)
  .max(2 ** 50);
/** Minor units of the currency: cents. */
const amount = z.int().min(1).max(99_999_999);
const currency = z.string().regex(/^[a-z]{3}$/, 'must be a lower-case ISO 4217 code, such as usd');
/** Whole days, at least one: a renewal is paid about an hour after its period has begun. */
const days = z.int().min(1).max(90);

/**
 * How unused allowance rolls over when the next period begins: a share of it, up to a cap on all
 * rolled-over credits.
 */
const rollover_schema = z.strictObject({
  cap: allowance.min(1).optional(),
  share_percent: z.int().min(1).max(100).optional(),
  expires_after_months: z.int().min(1).max(24),
});

const plan_schema = z.strictObject({
  name: z.string().min(1).max(80),
  monthly_credits: z.union([allowance, z.literal('unlimited')]),
  rollover: rollover_schema.optional(),
  features: z.array(z.union([name, z.literal('*')])),
  prices: z.strictObject({ month: amount, year: amount }).partial().optional(),
});

const web_url = z.url({ protocol: /^https?$/ });

/** One URL, or several. It is read as a list. People come back to the first. */
const app_urls = z
  .union(
    [web_url, z.tuple([web_url], web_url)],
    'must be a URL that begins with https:// or http://, or a list of them',
  )
  .transform((given): [string, ...string[]] => (typeof given === 'string' ? [given] : given));

const pack_schema = z.strictObject({ name: z.string().min(1).max(80), credits: credits.min(1), amount });

const config_fields = z.strictObject({
  app_url: app_urls,
  currency,
  free_plan: name,
  plans: z.record(name, plan_schema),
  packs: z.record(name, pack_schema),
  policies: z
    .strictObject({ renewal_grace_days: days.default(3), past_due_grace_days: days.default(7) })
    .default({ renewal_grace_days: 3, past_due_grace_days: 7 }),
  accounts: z.strictObject({ claim: z.string().min(1).max(128).default('sub') }).default({ claim: 'sub' }),
  /**
   * Whether users may deduct, hold and count uses with their own token. Otherwise the app's backend
   * does, as a service.
   */
  spending: z.strictObject({ by_users: z.boolean().default(false) }).default({ by_users: false }),
  reconciliation: z
    .strictObject({
      /** The share of Stripe's rate limit that reconciliation may use. */
      stripe_rate_share_percent: z.int().min(1).max(100).default(25),
    })
    .default({ stripe_rate_share_percent: 25 }),
  sweep: z.strictObject({ due_shards: z.int().min(1).max(1000).default(16) }).default({ due_shards: 16 }),
});

const config_schema = config_fields.superRefine((config, context) => {
  const free = Object.hasOwn(config.plans, config.free_plan) ? config.plans[config.free_plan] : undefined;
  if (free === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['free_plan'],
      message: `names no plan; plans are ${Object.keys(config.plans).join(', ')}`,
    });
  } else if (free.prices !== undefined) {
    context.addIssue({
      code: 'custom',
      path: ['plans', config.free_plan, 'prices'],
      message: 'the free plan has no price',
    });
  }
  for (const key of repeatedLookupKeys(config)) {
    context.addIssue({
      code: 'custom',
      path: ['packs'],
      message: `a plan and a pack would both be sold as ${key}: rename one`,
    });
  }
  for (const [id, plan] of Object.entries(config.plans)) {
    if (id !== config.free_plan && plan.prices === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['plans', id, 'prices'],
        message: 'a paid plan needs prices by month or by year; {} is a plan that is honoured and no longer sold',
      });
    }
    if (plan.monthly_credits === 'unlimited' && plan.rollover !== undefined) {
      context.addIssue({
        code: 'custom',
        path: ['plans', id, 'rollover'],
        message: 'an unlimited plan has nothing left to hand on',
      });
    }
  }
});

/**
 * Lookup keys that two prices would share: a plan called `pack` and a pack called `month` collide.
 */
function repeatedLookupKeys(config: z.output<typeof config_fields>): string[] {
  const of_packs = new Set(packPrices(config).map(({ lookup_key }) => lookup_key));
  return planPrices(config).flatMap(({ lookup_key }) => (of_packs.has(lookup_key) ? [lookup_key] : []));
}

/** The fields of billing.config.ts. */
export type BillingConfigInput = z.input<typeof config_fields>;
export type BillingConfig = z.output<typeof config_fields>;

/** The configuration is wrong; the message names each field. */
export class InvalidBillingConfig extends Error {
  constructor(issues: readonly { path: PropertyKey[]; message: string }[]) {
    const lines = issues.map((issue) => `  ${issue.path.map(String).join('.') || '(root)'}: ${issue.message}`);
    super(`billing.config.ts is wrong:\n${lines.join('\n')}`);
    this.name = 'InvalidBillingConfig';
  }
}

/** Checks the configuration. Throws `InvalidBillingConfig`, which names the fields. */
export function defineBilling(input: BillingConfigInput): BillingConfig {
  const parsed = config_schema.safeParse(input);
  if (!parsed.success) throw new InvalidBillingConfig(parsed.error.issues);
  return parsed.data;
}

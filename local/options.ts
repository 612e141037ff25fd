import type { DatabaseChoice } from '@billing-credits/local-cloud';
import { z } from 'zod';

/** The only place of `local/` that reads the environment. Child processes get it from here. */
export const host_environment: Readonly<Record<string, string | undefined>> = process.env;

/** Functions run in threads of this process, and Lambda's time zone is UTC. */
export function useUtc(): void {
  process.env.TZ = 'UTC';
}

/** What `npm run dev` can be told by the environment and the command line. */
export interface Options {
  /** Port of the API; 0 picks a free one. */
  port: number;
  /** Port of the fake Stripe; 0 picks a free one. */
  stripe_port: number;
  /** `dynoxide`, `memory`, `dynamodb-local`, an endpoint's URL, or `auto` for what runs best here. */
  database: DatabaseChoice;
  /** The real Stripe in test mode, or null for the fake. */
  stripe: { api_key: string; webhook_secret: string | null } | null;
  /** The functions' log goes to standard output instead of a file. */
  verbose: boolean;
}

/** An option has a wrong value; the message names the variable. */
export class WrongOption extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WrongOption';
  }
}

const port = z
  .string()
  .regex(/^\d{1,5}$/, 'is not a port number')
  .transform(Number)
  .pipe(z.number().max(65_535));

const environmentSchema = z.object({
  PORT: port.default(4000),
  STRIPE_PORT: port.optional(),
  DYNAMODB: z
    .union(
      [
        z.enum(['auto', 'dynoxide', 'memory', 'dynamodb-local']),
        z.templateLiteral([z.enum(['http://', 'https://']), z.string()]),
      ],
      { error: 'is neither auto, dynoxide, memory, dynamodb-local nor an http URL' },
    )
    .default('auto'),
  STRIPE_SECRET_KEY: z
    .string()
    .refine(
      (key) => !/^(sk|rk)_live_/.test(key),
      'is a live key: the local cloud never touches live money, give an sk_test_ key',
    )
    .refine((key) => /^(sk|rk)_test_/.test(key) || /^(sk|rk)_live_/.test(key), 'is not an sk_test_ key')
    .optional(),
  STRIPE_WEBHOOK_SECRET: z.string().startsWith('whsec_', 'does not start with whsec_').optional(),
  LOG: z.enum(['0', '1'], { error: 'is neither 0 nor 1' }).default('0'),
});

/** Reads the options. An empty variable counts as absent. Throws `WrongOption`. */
export function readOptions(environment = host_environment, args: string[] = process.argv.slice(2)): Options {
  const unknown = args.find((arg) => arg !== '--verbose');
  if (unknown !== undefined) throw new WrongOption(`unknown argument ${unknown}: only --verbose is known`);
  const data = parsed(environmentSchema, environment);
  return {
    port: data.PORT,
    stripe_port: data.STRIPE_PORT ?? (data.PORT === 0 ? 0 : data.PORT + 1),
    database: data.DYNAMODB,
    stripe:
      data.STRIPE_SECRET_KEY === undefined
        ? null
        : { api_key: data.STRIPE_SECRET_KEY, webhook_secret: data.STRIPE_WEBHOOK_SECRET ?? null },
    verbose: data.LOG === '1' || args.includes('--verbose'),
  };
}

/** How the real Stripe, or the fake, is reached. */
export interface StripeOptions {
  api_key: string;
  /** Undefined for Stripe's own. */
  api_url: string | undefined;
}

const stripeSchema = z.object({
  STRIPE_SECRET_KEY: z
    .string({ error: 'is not set: give an sk_test_ key, or with --live a live one' })
    .regex(/^(sk|rk)_(test|live)_/, 'is neither a test key (sk_test_) nor a live one (sk_live_)'),
  STRIPE_API_URL: z.url({ protocol: /^https?$/, error: 'is not a URL' }).optional(),
});

/**
 * Reads the key of a tool that talks to Stripe. A live key is taken only when `live` says so, and then no other; it is never sent
 * elsewhere than to Stripe. Throws `WrongOption`.
 */
export function readStripeOptions({ live }: { live: boolean }, environment = host_environment): StripeOptions {
  const { STRIPE_SECRET_KEY: api_key, STRIPE_API_URL: api_url } = parsed(stripeSchema, environment);
  const is_live = /^(sk|rk)_live_/.test(api_key);
  if (is_live && !live) throw new WrongOption('STRIPE_SECRET_KEY is a live key: add --live if live money is meant');
  if (!is_live && live) throw new WrongOption('STRIPE_SECRET_KEY is a test key, and --live was given');
  if (is_live && api_url !== undefined) throw new WrongOption('STRIPE_API_URL: a live key is sent to Stripe only');
  return { api_key, api_url };
}

/** An empty variable counts as absent. */
function parsed<S extends z.ZodType>(schema: S, environment: typeof host_environment): z.output<S> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const { success, data, error } = schema.safeParse(given);
  if (success) return data;
  throw new WrongOption(error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('\n'));
}

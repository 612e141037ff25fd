import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { DatabaseChoice } from '@billing-credits/local-cloud';
import { z } from 'zod';

/** The only place of `local/` that reads the environment. Child processes get it from here. */
export const host_environment: Readonly<Record<string, string | undefined>> = process.env;

/** Functions run in threads of this process, and Lambda's time zone is UTC. */
export function useUtc(): void {
  process.env.TZ = 'UTC';
}

/**
 * Whether npm, or a program like it, started this process: then it ends together with that program.
 */
export const is_npm_script = host_environment.npm_lifecycle_event !== undefined;

/** What `npm run dev` can be told by the environment and the command line. */
export interface Options {
  /** Port of the API; 0 picks a free one. */
  port: number;
  /** Port of the fake Stripe; 0 picks a free one. */
  stripe_port: number;
  /**
   * `dynoxide`, `memory`, `dynamodb-local`, an endpoint's URL, or `auto` for what runs best here.
   */
  database: DatabaseChoice;
  /** The real Stripe in test mode, or null for the fake. */
  stripe: { api_key: string; webhook_secret: string | null } | null;
  /**
   * Where customers go back to: the first. All may call the API from a browser. None: a page of the
   * local cloud.
   */
  app_urls: string[];
  /**
   * The developer's own OpenID issuer, whose tokens count beside those of the local one; or null.
   */
  issuer: { url: string; audiences: string[] } | null;
  /** The first moment of the local clock; undefined for the machine's own time. */
  starts_at: number | undefined;
  /** Absolute path of the folder that keeps everything over restarts, or null: it is gone then. */
  data_dir: string | null;
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
  .pipe(z.number().max(65_535, 'is not a port number: the largest is 65535'));

const http_url = z.url({ protocol: /^https?$/, error: 'is not an http URL' });

/** Values with commas in between. */
function listOf<S extends z.ZodType<string, string>>(value: S, error: string) {
  return z
    .string()
    .transform((text) => text.split(',').map((each) => each.trim()))
    .refine((values) => values.every((each) => value.safeParse(each).success), error);
}

/** Years that calendar, tokens and Stripe's seconds can all hold. */
const years = { first: 2000, last: 2999 };
const first_moment = z.iso
  .datetime({ error: 'is not a moment in UTC such as 2026-01-31T23:50:00Z' })
  .transform((iso) => Date.parse(iso))
  .refine((at) => {
    const year = new Date(at).getUTCFullYear();
    return year >= years.first && year <= years.last;
  }, `is not between the years ${years.first} and ${years.last}`);

const wrong_database = 'is neither auto, dynoxide, memory, dynamodb-local nor an http URL';

const environmentSchema = z.object({
  PORT: port.default(4000),
  STRIPE_PORT: port.optional(),
  DYNAMODB: z
    .union(
      [
        z.enum(['auto', 'dynoxide', 'memory', 'dynamodb-local']),
        z
          .templateLiteral([z.enum(['http://', 'https://']), z.string()])
          .refine((url) => URL.canParse(url), wrong_database),
      ],
      { error: wrong_database },
    )
    .default('auto'),
  START: first_moment.optional(),
  STRIPE_SECRET_KEY: z
    .string()
    .refine(
      (key) => !/^(sk|rk)_live_/.test(key),
      'is a live key: the local cloud never touches live money, give an sk_test_ key',
    )
    .refine((key) => /^(sk|rk)_test_/.test(key) || /^(sk|rk)_live_/.test(key), 'is not an sk_test_ key')
    .optional(),
  STRIPE_WEBHOOK_SECRET: z.string().startsWith('whsec_', 'does not start with whsec_').optional(),
  APP_URL: listOf(http_url, 'is not an http URL, or several with commas in between: http://localhost:5173').default([]),
  ISSUER: http_url.optional(),
  AUDIENCE: listOf(z.string().min(1), 'is neither an audience nor several with commas in between').optional(),
  LOG: z.enum(['0', '1'], { error: 'is neither 0 nor 1' }).default('0'),
});

/** Reads the options. An empty variable counts as absent. Throws `WrongOption`. */
export function readOptions(environment = host_environment, args: string[] = process.argv.slice(2)): Options {
  const { verbose, data: data_dir } = readArguments(args);
  const data = parsed(environmentSchema, environment);
  if ((data.ISSUER === undefined) !== (data.AUDIENCE === undefined)) {
    throw new WrongOption('ISSUER and AUDIENCE belong together: set both, or none for the local issuer alone');
  }
  if (data.START !== undefined && data.STRIPE_SECRET_KEY !== undefined) {
    throw new WrongOption(
      'START is for the fake of Stripe: the real one, which STRIPE_SECRET_KEY chooses, has its own clock',
    );
  }
  if (data_dir !== undefined && data.DYNAMODB.startsWith('http')) {
    throw new WrongOption(
      'DYNAMODB is the URL of an endpoint, which keeps its own tables: --data cannot keep them too',
    );
  }
  return {
    port: data.PORT,
    stripe_port: data.STRIPE_PORT ?? (data.PORT === 0 ? 0 : data.PORT + 1),
    database: data.DYNAMODB,
    starts_at: data.START,
    stripe:
      data.STRIPE_SECRET_KEY === undefined
        ? null
        : { api_key: data.STRIPE_SECRET_KEY, webhook_secret: data.STRIPE_WEBHOOK_SECRET ?? null },
    app_urls: data.APP_URL,
    issuer: data.ISSUER && data.AUDIENCE ? { url: data.ISSUER, audiences: data.AUDIENCE } : null,
    data_dir: data_dir === undefined ? null : resolve(data_dir),
    verbose: data.LOG === '1' || verbose,
  };
}

function readArguments(args: string[]): { verbose: boolean; data?: string } {
  try {
    const { values } = parseArgs({
      args,
      options: { verbose: { type: 'boolean', default: false }, data: { type: 'string' } },
    });
    if (values.data === '') throw new WrongOption('--data needs a folder: --data .local/data');
    return values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new WrongOption(`${error.message}\nThe arguments are --verbose and --data <folder>.`);
  }
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
 * Reads the key of a tool that talks to Stripe. A live key is taken only when `live` says so, and
 * then no other; it is never sent elsewhere than to Stripe. Throws `WrongOption`.
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

import { parseArgs } from 'node:util';

/** What `npm run stripe:sync` is asked to do. */
export type Command =
  | { readonly action: 'help' }
  | {
      readonly action: 'sync';
      /** Print the plan, write nothing. */
      readonly dry_run: boolean;
      /** Accept a live key. */
      readonly live: boolean;
      /** Null leaves webhook endpoints alone. */
      readonly webhook_url: string | null;
    };

export const usage = `npm run stripe:sync -- [--dry-run] [--webhook-url <URL>] [--live]
    makes Stripe's products, prices and customer portal as billing.config.ts says, after it has printed what it will change
--dry-run            stops after that
--webhook-url <URL>  the webhook endpoint, too: the stack's output WebhookUrl. Without it all endpoints are left alone
--live               for a live key, which is refused without it

STRIPE_SECRET_KEY is the key. STRIPE_API_URL is where Stripe is, when it is the fake of npm run dev: http://127.0.0.1:4001`;

/** The command line is wrong; the message says how. */
export class WrongCommand extends Error {
  constructor(reason: string) {
    super(`${reason}\n\n${usage}`);
    this.name = 'WrongCommand';
  }
}

/** Reads the command from the arguments. Throws `WrongCommand`. */
export function parseCommand(args: readonly string[]): Command {
  const values = parsed(args);
  if (values.help) return { action: 'help' };
  const { 'dry-run': dry_run, 'webhook-url': webhook_url, live } = values;
  if (webhook_url !== undefined && !isWebUrl(webhook_url)) {
    throw new WrongCommand(`--webhook-url ${webhook_url} is no URL of the web`);
  }
  return { action: 'sync', dry_run, live, webhook_url: webhook_url ?? null };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        'dry-run': { type: 'boolean', default: false },
        'webhook-url': { type: 'string' },
        live: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    if (error instanceof TypeError) throw new WrongCommand(error.message);
    throw error;
  }
}

function isWebUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

import Stripe from 'stripe';
import { InvalidBillingConfig } from '../shared/config/billing-config.ts';
import { stripeSdk } from '../shared/stripe/stripe-client.ts';
import { readStripeOptions, WrongOption } from './options.ts';
import { type Command, parseCommand, usage, WrongCommand } from './stripe-sync/command.ts';
import { NotOurs } from './stripe-sync/plan-changes.ts';
import { syncStripe } from './stripe-sync/sync.ts';
import { wantedOf } from './stripe-sync/wanted.ts';

/** `npm run stripe:sync`: sets Stripe up as billing.config.ts says. */

/** Patient, because nobody waits for an answer within seconds. */
const patience = { timeout_ms: 20_000, network_retries: 3 };

const print = (line: string) => process.stdout.write(`${line}\n`);

async function run(command: Command): Promise<void> {
  if (command.action === 'help') return void print(usage);
  const { api_key, api_url } = readStripeOptions({ live: command.live });
  // Its author should read a mistake in the configuration, not a stack trace.
  const { default: config } = await import('#billing-config');
  const stripe = stripeSdk(api_key, api_url, patience);
  print(`Stripe in ${command.live ? 'live' : 'test'} mode${api_url === undefined ? '' : ` at ${api_url}`}`);
  await syncStripe(stripe, wantedOf(config, command.webhook_url), { dry_run: command.dry_run, print });
}

/** Failures that need no stack trace: their message explains them. */
const explained = [WrongCommand, WrongOption, InvalidBillingConfig, NotOurs];

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (explained.some((type) => error instanceof type)) return error.message;
  if (error instanceof Stripe.errors.StripeConnectionError) return `Stripe does not answer: ${error.message}`;
  if (error instanceof Stripe.errors.StripeError) {
    return `Stripe refuses: ${error.message}\nWhat was changed before that stays: run it again when the cause is removed.`;
  }
  return error.stack ?? error.message;
}

try {
  await run(parseCommand(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}

import type Stripe from 'stripe';
import { applyChange } from './apply-change.ts';
import { describeChange } from './describe-change.ts';
import { readExisting } from './existing.ts';
import { planChanges } from './plan-changes.ts';
import { plansBeyondPortal } from './portal-features.ts';
import type { Wanted } from './wanted.ts';

export interface SyncOptions {
  readonly dry_run: boolean;
  readonly print: (line: string) => void;
}

/**
 * Makes Stripe's account as wanted: prints the changes, then makes them. You may run it at any time
 * and repeat it, also after a run that stopped half way. Rejects with `NotOurs` before it changes
 * anything, and with the SDK's errors.
 */
export async function syncStripe(stripe: Stripe, wanted: Wanted, { dry_run, print }: SyncOptions): Promise<void> {
  const changes = planChanges(wanted, await readExisting(stripe, wanted));
  for (const change of changes) print(describeChange(change));
  if (changes.length === 0) print('Stripe is as billing.config.ts says: nothing to change');
  for (const { name } of plansBeyondPortal(wanted.products))
    print(`the portal has no room for ${name}: Stripe allows ten products`);
  if (wanted.endpoint === null) print('webhook endpoints are left alone: no --webhook-url');
  if (dry_run || changes.length === 0) return;

  for (const change of changes) {
    const { signing_secret } = await applyChange(stripe, change);
    // Print it at once: Stripe never shows it again, whatever fails afterwards.
    if (signing_secret !== undefined) print(howToKeep(signing_secret));
  }
  print(`done: ${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`);
  if (changes.some((change) => change.kind === 'create_endpoint' && change.seen.length > 0)) {
    print(
      'An older endpoint has the same URL. Put both signing secrets in place, then run this again: it disables the older one.',
    );
  }
}

function howToKeep(signing_secret: string): string {
  return `
The endpoint's signing secret, which Stripe shows this once:

${signing_secret}

Put it in place (the stack's output StripeWebhookSecretsSecretArn): run this, paste it, and end with Return and Ctrl-D.
While it replaces another one, put in both with a comma between them.

aws secretsmanager put-secret-value --secret-id "$STRIPE_WEBHOOK_SECRETS_SECRET_ARN" --secret-string file:///dev/stdin
`;
}

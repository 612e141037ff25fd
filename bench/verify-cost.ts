import * as z from 'zod';
import manifest from '../package.json' with { type: 'json' };
import { ended, nextMessage, startChild } from './child.ts';

export const verify_cost_schema = z.object({
  entries: z.int(),
  rows_per_s: z.number(),
  /** Of the whole process, with Node itself and all that it has loaded. */
  peak_rss_mb: z.number(),
});

/** What it took to verify a ledger. */
export type VerifyCost = z.infer<typeof verify_cost_schema>;

/** The options with which `npm run ledger` starts Node. */
const node_options = manifest.scripts.ledger.split(' ').filter((word) => word.startsWith('--'));

/**
 * Verifies the account's ledger in a process of its own, started as `npm run ledger` starts it.
 * Throws if the ledger is wrong.
 */
export async function verifyCost(account_id: string): Promise<VerifyCost> {
  const child = startChild('verify-process.ts', [account_id], { node_options });
  const cost = await nextMessage(child, verify_cost_schema);
  await ended(child);
  return cost;
}

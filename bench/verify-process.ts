import { setTimeout as wait } from 'node:timers/promises';
import { openTables } from '../local/ledger/open-tables.ts';
import { verifyLedger } from '../shared/store/verify-ledger.ts';
import type { VerifyCost } from './verify-cost.ts';

/** Verifies the account's ledger as `npm run ledger -- verify` does, and reports the cost. */
const [account_id = ''] = process.argv.slice(2);
const database = await openTables();
const began_at = performance.now();
const { ok, entries, problems } = await verifyLedger(database, account_id, {
  wait: (ms) => wait(ms),
  whole_table: true,
});
if (!ok) throw new Error(`the ledger is wrong: ${JSON.stringify(problems)}`);
const rows_per_s = (1000 * entries) / (performance.now() - began_at);
const cost: VerifyCost = { entries, rows_per_s, peak_rss_mb: process.resourceUsage().maxRSS / 1024 };
process.send?.(cost, () => process.exit());

import { compose } from '../../functions/composition.ts';
import { costOfDeduct } from '../cost-of-deduct.ts';
import { deductOne } from '../deductions.ts';
import { type Figure, figure } from '../figure.ts';
import { openLongLedger } from '../long-ledger.ts';
import { rounds, timeRatio } from '../rounds.ts';
import { verifyCost } from '../verify-cost.ts';

const many = 100_000;
const few = 100;
const time_ms = 800;
/** An item that has seen more has numbers with more digits. */
const digits_bytes = 16;

/** The extra cost of an account with a long ledger, and the cost of its verification. */
export async function measureLedgerGrowth(): Promise<Figure[]> {
  const deps = compose('accounts', 'ledger');
  const { accounts } = deps;
  const { account_id: long } = await openLongLedger(deps, many);
  const { account_id: short } = await openLongLedger(deps, few);

  const deductOn = (account_id: string) => () => accounts.transact(account_id, deductOne());
  const ratios = await rounds(() => timeRatio(time_ms, deductOn(long), deductOn(short)));
  const [of_long, of_short] = [await costOfDeduct(long), await costOfDeduct(short)];
  // In a process of its own each time, so there is nothing to warm up.
  const verified = [await verifyCost(long), await verifyCost(long)];
  return [
    figure('ledger_growth', ratios, { at_most: 1.1 }),
    figure('round_trips.long', [of_long.round_trips], { at_most: of_short.round_trips }),
    figure('write_units.long', [of_long.write_units], { at_most: of_short.write_units }),
    figure('item_bytes.long', [of_long.account_item_bytes], {
      at_most: of_short.account_item_bytes + digits_bytes,
    }),
    figure(
      'verify_rss_mb',
      verified.map(({ peak_rss_mb }) => peak_rss_mb),
      { at_most: 150 },
    ),
    figure(
      'verify_rows_per_s',
      verified.map(({ rows_per_s }) => rows_per_s),
    ),
  ];
}

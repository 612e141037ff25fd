import { compose } from '../../functions/composition.ts';
import { costOfDeduct } from '../cost-of-deduct.ts';
import { openAccount } from '../deductions.ts';
import { type Figure, figure } from '../figure.ts';

/** What one deduction asks of the database, and the sizes of the items that it leaves there. */
export async function measureDeduct(): Promise<Figure[]> {
  const { accounts } = compose('accounts', 'ledger');
  const { account_id } = await openAccount(accounts);
  const cost = await costOfDeduct(account_id);
  return [
    figure('deduct_round_trips', [cost.round_trips], { at_most: 2 }),
    figure('deduct_write_units', [cost.write_units], { at_most: 5 }),
    figure('account_item_bytes', [cost.account_item_bytes], { at_most: 1024 }),
  ];
}

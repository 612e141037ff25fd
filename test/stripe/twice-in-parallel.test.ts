import { expect, test } from 'vitest';
import { applyStripeEvent } from '../../shared/stripe/apply-stripe-event.ts';
import { describeOnEngine } from '../engines/engines.ts';
import { deductCommand } from '../store/commands.ts';
import { Happening, lifecycle_names } from './happening.ts';

describeOnEngine('each event twice at once, in two processes', (database) => {
  test.each(lifecycle_names)('%s: one effect', async (name) => {
    const [calm, busy] = [new Happening(database, name), new Happening(database, name)];
    for (const one of [calm, busy]) {
      await one.worker().accounts.transact(one.account_id, deductCommand('free', 30));
    }
    const one = calm.worker();
    for (const event of calm.events) await applyStripeEvent(event, one);

    const workers = [busy.worker(), busy.worker()];
    const handled = await Promise.all(
      busy.events.map((event) => Promise.all(workers.map((worker) => applyStripeEvent(event, worker)))),
    );
    for (const outcomes of handled.map((both) => both.map(({ outcome }) => outcome))) {
      expect(outcomes).not.toContain('quarantined');
      expect(outcomes.filter((outcome) => outcome === 'applied').length).toBeLessThanOrEqual(1);
    }
    expect(await busy.standing()).toEqual(await calm.standing());
  });
});

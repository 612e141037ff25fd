import { expect, test } from 'vitest';
import type { Database } from '../../shared/store/database.ts';
import { applyStripeEvent } from '../../shared/stripe/apply-stripe-event.ts';
import { describeOnEngine } from '../engines/engines.ts';
import { deductCommand } from '../store/commands.ts';
import { Happening, lifecycle_names } from './happening.ts';

async function happens(database: Database, name: (typeof lifecycle_names)[number]): Promise<Happening> {
  const happening = new Happening(database, name);
  await happening.worker().accounts.transact(happening.account_id, deductCommand('free', 30));
  return happening;
}

/** Brings the event to processes of which each lives for one call more than the one before. How many of them were killed. */
async function bringUntilOneSurvives(happening: Happening, event: unknown): Promise<number> {
  const death = new Error('killed');
  for (let calls = 1; ; calls += 1) {
    try {
      await applyStripeEvent(event, happening.mortalWorker(calls, death));
      return calls - 1;
    } catch (error) {
      expect(error).toBe(death);
    }
  }
}

describeOnEngine('a worker killed after any of its calls', (database) => {
  test.each(lifecycle_names)('%s: delivered again, the event leaves all as if nobody had died', async (name) => {
    const [calm, deadly] = [await happens(database, name), await happens(database, name)];
    const one = calm.worker();
    for (const event of calm.events) await applyStripeEvent(event, one);

    let killed = 0;
    for (const event of deadly.events) killed += await bringUntilOneSurvives(deadly, event);
    // Even an event that is ignored costs a call.
    expect(killed).toBeGreaterThanOrEqual(deadly.events.length);
    expect(await deadly.standing()).toEqual(await calm.standing());
  });
});

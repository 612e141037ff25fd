import { expect, test } from 'vitest';
import { StaleSnapshot } from '../../shared/domain/billing/decide-subscription.ts';
import { InsufficientCredits } from '../../shared/domain/errors.ts';
import { PlanNotConfigured } from '../../shared/domain/plan.ts';

test.each([
  ['InsufficientCredits', () => new InsufficientCredits(5, 3), '5 credits are required, 3 are available'],
  ['StaleSnapshot', () => new StaleSnapshot(), 'the account has seen a newer state of its subscription'],
  [
    'PlanNotConfigured',
    () => new PlanNotConfigured('gold'),
    'plan "gold" is not in the configuration; plans that accounts hold must stay in it',
  ],
])('%s has its name and says what is wrong', (name, make, message) => {
  expect(make()).toMatchObject({ name, message });
});

import { expect, test } from 'vitest';
import { refusal } from '../../shared/domain/errors.ts';
import { PlanNotConfigured } from '../../shared/domain/plan.ts';

test.each([
  [
    'insufficient_credits',
    () => refusal('insufficient_credits', { required: 5, available_credits: 3 }),
    '5 credits are required, 3 are available',
  ],
  ['stale_snapshot', () => refusal('stale_snapshot', {}), 'the account has seen a newer state of its subscription'],
  [
    'PlanNotConfigured',
    () => new PlanNotConfigured('gold'),
    'plan "gold" is not in the configuration; plans that accounts hold must stay in it',
  ],
])('%s has its name and says what is wrong', (name, make, message) => {
  expect(make()).toMatchObject({ name, message });
});

import { expect, test } from 'vitest';
import {
  AmbiguousSnapshot,
  OtherSubscriptionLive,
  StaleSnapshot,
  UnknownSubscription,
} from '../../shared/domain/decide-subscription.ts';
import { InsufficientCredits } from '../../shared/domain/errors.ts';
import { PlanNotConfigured } from '../../shared/domain/plan.ts';
import { pro } from './fixtures.ts';

test.each([
  ['InsufficientCredits', () => new InsufficientCredits(5, 3), '5 credits are required, 3 are available'],
  ['StaleSnapshot', () => new StaleSnapshot(), 'the account has seen a newer state of its subscription'],
  [
    'AmbiguousSnapshot',
    () => new AmbiguousSnapshot(),
    'what is known does not tell which state of the subscription is the latest',
  ],
  ['UnknownSubscription', () => new UnknownSubscription(), 'the account does not know the subscription yet'],
  [
    'OtherSubscriptionLive',
    () => new OtherSubscriptionLive({ ...pro, paid: null, left: null }),
    'the account has the live subscription sub_1',
  ],
  [
    'PlanNotConfigured',
    () => new PlanNotConfigured('gold'),
    'plan "gold" is not in the configuration; plans that accounts hold must stay in it',
  ],
])('%s has its name and says what is wrong', (name, make, message) => {
  expect(make()).toMatchObject({ name, message });
});

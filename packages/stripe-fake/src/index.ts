export { StripeApiError } from './api/errors.ts';
export { CARDS, type Card } from './cards.ts';
export { type Clock, type FakeStripe, type FakeStripeOptions, type Faults, startFakeStripe } from './fake-stripe.ts';
export { ManualClock } from './manual-clock.ts';
export type { SavedFake } from './saved.ts';
export { type Seed, type SeedPrice, type SeedProduct, seededPriceId } from './seed.ts';
export { seededRandom } from './seeded-random.ts';

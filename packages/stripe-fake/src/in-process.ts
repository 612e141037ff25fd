// The fake without its server: for programs that run Stripe's time and calls themselves.
export { answerCall } from './api/answer-call.ts';
export { type Answer, Idempotency } from './api/idempotency.ts';
export { doErrand } from './do-errand.ts';
export { closeDispute, openDispute } from './objects/disputes.ts';
export { addPrice } from './objects/prices.ts';
export { addProduct } from './objects/products.ts';
export { addWebhookEndpoint } from './objects/webhook-endpoints.ts';
export { answerPage } from './pages/answer-page.ts';
export { seedWorld } from './seed.ts';
export { seededRandom } from './seeded-random.ts';
export { NO_FAULTS } from './webhooks/faults.ts';
export { World } from './world.ts';

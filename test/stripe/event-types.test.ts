import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { moving_event_types, stripe_event_types } from '../../shared/stripe/event-types.ts';

test('each event type with a meaning here is asked for', () => {
  const source = readFileSync(new URL('../../shared/stripe/from-stripe-event.ts', import.meta.url), 'utf8');
  const understood = [...source.matchAll(/case '([a-z_.]+)':/g)].map(([, type]) => type);
  expect(understood.length).toBeGreaterThan(0);
  expect(new Set(understood)).toEqual(new Set<string>(moving_event_types));
  expect(new Set(stripe_event_types).size).toBe(stripe_event_types.length);
});

test('reconciliation asks for at most as many types at once as Stripe lists', () => {
  expect(moving_event_types.length).toBeLessThanOrEqual(20);
});

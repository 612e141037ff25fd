import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { stripe_event_types } from '../../shared/stripe/event-types.ts';

test('every event that has a meaning here is asked for', () => {
  const source = readFileSync(new URL('../../shared/stripe/from-stripe-event.ts', import.meta.url), 'utf8');
  const understood = [...source.matchAll(/case '([a-z_.]+)':/g)].map(([, type]) => type);
  expect(understood.length).toBeGreaterThan(0);
  expect(stripe_event_types).toEqual(expect.arrayContaining(understood));
  expect(new Set(stripe_event_types).size).toBe(stripe_event_types.length);
});

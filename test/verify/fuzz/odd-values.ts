import * as fc from 'fast-check';
import { raw_names, rawJson, seenValue } from './marker.ts';

const max = Number.MAX_SAFE_INTEGER;

/** What is right in some place, what almost is, and whatever else JSON can say. */
export const odd_values: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    0,
    -1,
    1,
    1.5,
    max,
    max + 1,
    -max,
    1e38,
    1e308,
    5e-324,
    '1e3',
    '1',
    '',
    ' ',
    null,
    true,
    [],
    {},
  ),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'free', 'ultimate', 'month'),
  fc.constantFrom('\u0000', '\n', '\u202e', '\ufeff', '\ud800', 'é', '👩‍👩‍👧', 'ı', 'x'.repeat(501), 'x'.repeat(4_000)),
  fc.constantFrom(
    '../..',
    '//evil.example',
    '/\\evil',
    '%00',
    '%2e%2e',
    '{{7*7}}',
    "' OR 1=1 --",
    '<script>',
    '#',
    '/?#',
  ),
  fc.constantFrom(
    '2026-02-30',
    '2020-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '2026-11-23T10:00:00+02:00',
    '10000-01-01',
  ),
  fc.constantFrom('use:', 'refund:', 'hold:', 'account#x', 'ACCOUNT', 'reset', 'signup'),
  fc.constantFrom(...raw_names).map(rawJson),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

/** Mostly `usual`. */
export function rarely<T>(odd: fc.Arbitrary<T>, usual: T): fc.Arbitrary<T> {
  return fc.oneof({ weight: 40, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: odd });
}

/** Names of what ids and cursors belong to: a value of one is tried in the place of another. */
const other_names = ['account_id', 'member', 'entry_id', 'hold_id', 'cursor', 'edited-cursor', 'id', 'key'] as const;
const others = fc
  .tuple(fc.constantFrom(...other_names), fc.nat({ max: 40 }))
  .map(([name, place]) => seenValue(name, place));

/** One thing that is done to a JSON value. */
export interface Mutation {
  readonly kind: 'replace' | 'remove' | 'add' | 'wrap';
  /** Which of the places in the value, modulo their number. */
  readonly at: number;
  /** Of a field that is added. */
  readonly name: string;
  readonly value: unknown;
}

export const mutations: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('replace' as const, 'replace' as const, 'remove' as const, 'add' as const, 'wrap' as const),
  at: fc.nat({ max: 60 }),
  name: fc.constantFrom(
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'account_id',
    'currency',
    '',
    'é',
    'x'.repeat(300),
  ),
  value: fc.oneof({ weight: 5, arbitrary: odd_values }, { weight: 1, arbitrary: others }),
});

/** The value after the mutation of one of its places. */
export function mutate(value: unknown, mutation: Mutation): unknown {
  const places = countPlaces(value);
  return mutateAt(value, mutation.at % places, mutation);
}

function countPlaces(value: unknown): number {
  return 1 + childrenOf(value).reduce((sum, [, inner]) => sum + countPlaces(inner), 0);
}

function mutateAt(value: unknown, place: number, mutation: Mutation): unknown {
  if (place === 0) return mutateHere(value, mutation);
  let rest = place - 1;
  const children = childrenOf(value).flatMap(([name, inner]) => {
    const places = countPlaces(inner);
    const is_here = rest >= 0 && rest < places;
    const changed = is_here ? mutateAt(inner, rest, mutation) : inner;
    const is_gone = is_here && rest === 0 && mutation.kind === 'remove';
    rest -= places;
    return is_gone ? [] : [[name, changed] as const];
  });
  return Array.isArray(value) ? children.map(([, inner]) => inner) : Object.fromEntries(children);
}

function mutateHere(value: unknown, { kind, name, value: odd }: Mutation): unknown {
  if (kind === 'wrap') return [value];
  if (kind !== 'add') return odd;
  if (Array.isArray(value)) return [...value, odd];
  // Object.fromEntries makes an own field even of __proto__.
  if (typeof value === 'object' && value !== null) return Object.fromEntries([...Object.entries(value), [name, odd]]);
  return odd;
}

function childrenOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

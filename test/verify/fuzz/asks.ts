import * as fc from 'fast-check';
import { bad_callers, type CallerName, good_callers } from './callers.ts';
import type { Operation, Parameter } from './document.ts';
import { allowedBy, asText } from './json-schema.ts';
import { seenValue } from './marker.ts';
import { mutate, mutations, odd_values, rarely } from './odd-values.ts';
import { encodeText, pathsOf, queriesOf } from './targets.ts';

/** A request before it is sent: with markers for values of earlier answers. */
export interface Ask {
  readonly caller: CallerName;
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Text, or bytes in hexadecimal; null is none. */
  readonly body: string | { readonly hex: string } | null;
}

/** Time passes between two requests. */
export interface Wait {
  readonly wait_ms: number;
}

/** A customer pays for one of the checkouts so far. */
export interface Pay {
  readonly pay: number;
}

export type Step = Ask | Wait | Pay;

/**
 * What several callers do one after the other: most of it nearly as the document says, some of it
 * nonsense.
 */
export function sequencesFor(operations: readonly Operation[]): fc.Arbitrary<Step[]> {
  const asks = operations.map(asksOf);
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 60, arbitrary: fc.oneof(...asks) },
    { weight: 3, arbitrary: nonsense(operations) },
    { weight: 1, arbitrary: fc.record({ pay: fc.nat({ max: 40 }) }) },
    { weight: 1, arbitrary: fc.record({ wait_ms: fc.constantFrom(1_000, 3_700_000, 90_000_000, 2_800_000_000) }) },
  );
  return fc.array(step, { minLength: 1, maxLength: 100, size: 'max' });
}

function asksOf(operation: Operation): fc.Arbitrary<Ask> {
  const { method, parameters } = operation;
  const path = pathsOf(operation);
  const query = queriesOf(parameters.filter((one) => one.in === 'query'));
  return fc
    .record({
      caller: callersOf(operation),
      method: rarely(fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'), method),
      path,
      query,
      headers: headersOf(parameters.filter((one) => one.in === 'header')),
      content_type: contentTypes,
      body: bodiesOf(operation),
    })
    .map(({ caller, method: used, path: asked, query: added, headers, content_type, body }) => ({
      caller,
      method: used,
      target: added === '' ? asked : `${asked}?${added}`,
      headers: body === null ? headers : [...content_type, ...headers],
      body,
    }));
}

function callersOf({ caller }: Operation): fc.Arbitrary<CallerName> {
  const right: CallerName[] = caller === 'service' ? ['service'] : ['ann', 'ben', 'bea'];
  return fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...right) },
    { weight: 2, arbitrary: fc.constantFrom(...good_callers) },
    { weight: 1, arbitrary: fc.constantFrom(...bad_callers) },
  );
}

const odd_headers: readonly (readonly [string, string])[] = [
  ['X-HTTP-Method-Override', 'DELETE'],
  ['X-Forwarded-For', '127.0.0.1'],
  ['X-Amzn-Trace-Id', 'Root=1'],
  ['Accept', 'application/xml'],
  ['Content-Encoding', 'gzip'],
  ['Origin', 'https://app.example.com'],
  ['Origin', 'https://evil.example'],
  ['Cookie', 'session=1; __proto__=2'],
  ['If-Match', '*'],
  ['Range', 'bytes=0-1'],
  ['__proto__', 'x'],
  ['X-Long', 'x'.repeat(4_000)],
  ['Idempotency-Key', 'k1'],
];

/**
 * Some keys are short, so that they are used again; some belong to an earlier request of whoever.
 */
const keys = fc.oneof(
  { weight: 8, arbitrary: fc.nat({ max: 8 }).map((number) => `k${number}`) },
  { weight: 2, arbitrary: fc.nat({ max: 40 }).map((place) => seenValue('key', place)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '',
      ' ',
      'k'.repeat(255),
      'k'.repeat(256),
      'a\tb',
      'schlüssel',
      '__proto__',
      '{}',
      'k1,k2',
    ),
  },
);

function headersOf(parameters: readonly Parameter[]): fc.Arbitrary<[string, string][]> {
  const named = parameters.map(({ name, schema, required }) => {
    const value =
      name === 'Idempotency-Key'
        ? keys
        : fc.oneof(
            fc.nat({ max: 40 }).map((place) => seenValue(name, place)),
            allowedBy(schema, name).map(asText),
          );
    return fc.oneof(
      { weight: required ? 12 : 5, arbitrary: value.map((text): [string, string][] => [[name, text]]) },
      { weight: required ? 1 : 5, arbitrary: fc.constant<[string, string][]>([]) },
      {
        weight: 1,
        arbitrary: fc.tuple(value, value).map((both): [string, string][] => both.map((text) => [name, text])),
      },
    );
  });
  const more = rarely(
    fc.constantFrom(...odd_headers).map(([name, value]): [string, string][] => [[name, value]]),
    [],
  );
  return fc.tuple(...named, more).map((groups) => groups.flat());
}

const contentTypes: fc.Arbitrary<[string, string][]> = fc
  .oneof(
    { weight: 12, arbitrary: fc.constant('application/json') },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'text/plain',
        'application/xml',
        'application/x-www-form-urlencoded',
        'application/octet-stream',
        'application/json; charset=utf-16',
        'multipart/form-data; boundary=x',
        'nonsense',
        '',
      ),
    },
  )
  .map((type) => (type === '' ? [] : [['Content-Type', type]]));

const odd_texts = [
  '',
  ' ',
  '{',
  '}',
  '[',
  '[]',
  'null',
  'true',
  '1',
  '"x"',
  '{}',
  '{a: 1}',
  '\ufeff{}',
  '{}{}',
  '{} x',
  '//',
  '«raw deep arrays»',
  '«raw deep objects»',
  '«raw over 64 KiB»',
  '{"x": «raw over 64 KiB»}',
  '{"x": «raw deep arrays»}',
  '«raw many fields»',
  '«raw a field twice»',
];
const odd_bytes = ['ff', 'fffe0080', '7b22c3', 'eda080', '00', '1f8b0800', '7b7d00', 'efbbbf7b7d'];

function bodiesOf({ body }: Operation): fc.Arbitrary<Ask['body']> {
  const odd = fc.oneof(
    fc.constantFrom(...odd_texts),
    fc.constantFrom(...odd_bytes).map((hex) => ({ hex })),
    odd_values.map((value) => JSON.stringify(value)),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => ({ hex: Buffer.from(bytes).toString('hex') })),
  );
  if (body === null) return rarely<Ask['body']>(odd, null);
  const right = allowedBy(body, 'body');
  const nearly = fc.tuple(right, fc.array(mutations, { minLength: 1, maxLength: 2 }));
  return fc.oneof(
    { weight: 10, arbitrary: right.map((value) => JSON.stringify(value)) },
    { weight: 8, arbitrary: nearly.map(([value, changes]) => JSON.stringify(changes.reduce(mutate, value))) },
    { weight: 2, arbitrary: odd },
  );
}

function nonsense(operations: readonly Operation[]): fc.Arbitrary<Ask> {
  const segment = fc.oneof(
    fc.constantFrom('api', 'credits', 'accounts', 'admin', 'billing', '_local', '..', '%2e', '', '__proto__'),
    fc.constantFrom(...operations.flatMap(({ path }) => path.split('/'))),
    fc.string({ unit: 'binary', maxLength: 8 }).map(encodeText),
  );
  return fc.record({
    caller: fc.constantFrom(...good_callers, ...bad_callers),
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'),
    target: fc.array(segment, { maxLength: 6 }).map((segments) => `/${segments.join('/')}`.replace(/^\/+_local/, '/x')),
    headers: fc.constantFrom(...odd_headers).map((header) => [header]),
    body: fc.constantFrom(null, ...odd_texts),
  });
}

import * as fc from 'fast-check';
import type { Operation, Parameter } from './document.ts';
import { allowedBy, asText } from './json-schema.ts';
import { isMarker, seenValue } from './marker.ts';
import { odd_values, rarely } from './odd-values.ts';

/** Segments that are sent as they are, and what is done to whole paths. */
const odd_segments = [
  '%',
  '%zz',
  '%E0%A4%A',
  '%00',
  '%0A',
  '%2F',
  '.',
  '..',
  '%2e%2e',
  '%20',
  '+',
  '%FF%FE',
  '*',
  'é',
  '%ED%A0%80',
  ';a=b',
];
const odd_paths: readonly ((path: string) => string)[] = [
  (path) => `${path}/`,
  (path) => `/${path}`,
  (path) => path.toUpperCase(),
  (path) => `${path}/..`,
  (path) => path.replace('/api', '/api/../api'),
  (path) => path.replace('/api/', '/api//'),
  (path) => `${path}%00`,
  (path) => `${path}.json`,
  (path) => `${path}#x`,
];

/** Paths of the operation, most of them as they should be. */
export function pathsOf({ path, parameters }: Operation): fc.Arbitrary<string> {
  const named = parameters.filter((one) => one.in === 'path');
  const values = fc.record(Object.fromEntries(named.map((one) => [one.name, segmentsOf(one)])));
  const change = rarely(fc.constantFrom(...odd_paths), (same: string) => same);
  return fc
    .tuple(values, change)
    .map(([given, changed]) => changed(path.replace(/\{(\w+)\}/g, (_, name: string) => given[name] ?? '')));
}

function segmentsOf({ name, schema }: Parameter): fc.Arbitrary<string> {
  const known = fc.nat({ max: 40 }).map((place) => seenValue(name, place));
  return fc.oneof(
    { weight: 30, arbitrary: known },
    { weight: 4, arbitrary: allowedBy(schema, name).map(encodeText) },
    { weight: 2, arbitrary: odd_values.map(encodeText) },
    { weight: 2, arbitrary: fc.constantFrom(...odd_segments) },
  );
}

/** Query strings of these parameters, without the question mark. */
export function queriesOf(parameters: readonly Parameter[]): fc.Arbitrary<string> {
  const fields = parameters.map(({ name, required, schema }) => {
    const right = allowedBy(schema, name);
    const value = fc.oneof(
      { weight: 10, arbitrary: right.map(encodeText) },
      { weight: 2, arbitrary: odd_values.map(encodeText) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          '%',
          '%zz',
          '%FF',
          '',
          '%00',
          '1&amount=2',
          '1,2',
          `${seenValue('edited-cursor', 1)}`,
        ),
      },
    );
    const pair = value.map((text) => `${name}=${text}`);
    const twice = fc.tuple(pair, pair).map((both) => both.join('&'));
    return fc.oneof(
      { weight: required ? 20 : 8, arbitrary: pair },
      { weight: required ? 1 : 12, arbitrary: fc.constant('') },
      { weight: 1, arbitrary: twice },
    );
  });
  const more = rarely(
    fc.constantFrom('odd=1', '__proto__=1', '=', '&&', '?', 'constructor[x]=1', '%', 'account_id=x'),
    '',
  );
  return fc.tuple(...fields, more).map((pairs) => pairs.filter((pair) => pair !== '').join('&'));
}

/** Percent-encoded, but for markers. Halves of surrogate pairs have no UTF-8. */
export function encodeText(value: unknown): string {
  const text = asText(value);
  return isMarker(text) ? text : encodeURIComponent(text.toWellFormed());
}

import { describe, expect, it } from 'vitest';
import { RouteTable } from '../src/route-table.ts';

const table = new RouteTable(
  [
    'GET /api/{proxy+}',
    'GET /api/credits/transactions/{entry_id}',
    'GET /api/credits/transactions/latest',
    'GET /api/accounts/{account_id}/credits',
    'ANY /api/credits',
    'GET /api/credits',
    'POST /api/credits/holds/{hold_id}/settle',
  ].map((route_key) => ({ route_key })),
);

const find = (method: string, path: string) => {
  const match = table.find(method, path);
  return match && [match.route.route_key, match.path_parameters];
};

describe('a route is found as an HTTP API finds it', () => {
  it.each([
    ['GET', '/api/credits', ['GET /api/credits', {}]],
    ['DELETE', '/api/credits', ['ANY /api/credits', {}]],
    ['GET', '/api/credits/transactions/latest', ['GET /api/credits/transactions/latest', {}]],
    [
      'GET',
      '/api/credits/transactions/use:a%2Fb',
      ['GET /api/credits/transactions/{entry_id}', { entry_id: 'use:a/b' }],
    ],
    ['GET', '/api/accounts/u%20%C3%A4/credits', ['GET /api/accounts/{account_id}/credits', { account_id: 'u ä' }]],
    ['POST', '/api/credits/holds/h_1/settle', ['POST /api/credits/holds/{hold_id}/settle', { hold_id: 'h_1' }]],
    ['GET', '/api/other/way', ['GET /api/{proxy+}', { proxy: 'other/way' }]],
    ['POST', '/api/credits/holds//settle', null],
    ['POST', '/api/credits/holds/h_1/settle/more', null],
    ['PUT', '/nothing', null],
  ])('%s %s', (method, path, expected) => {
    expect(find(method, path)).toEqual(expected);
  });

  it('a path with broken percent-encoding is not decoded', () => {
    expect(() => find('GET', '/api/accounts/%zz/credits')).toThrow(URIError);
  });

  it('$default takes what no other route takes', () => {
    expect(new RouteTable([{ route_key: '$default' }]).find('GET', '/x')?.route.route_key).toBe('$default');
  });
});

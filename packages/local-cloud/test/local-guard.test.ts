import { describe, expect, it } from 'vitest';
import { refuseStrangers } from '../src/local-guard.ts';
import type { CorsSpec } from '../src/system.ts';

const app = 'http://localhost:5173';
const cors: CorsSpec = {
  allow_origins: [app],
  allow_methods: ['POST'],
  allow_headers: [],
  expose_headers: [],
  allow_credentials: false,
  max_age_s: null,
};

function statusOf(host: string | undefined, origin?: string, spec: CorsSpec | null = cors): number | null {
  const headers = { ...(host !== undefined && { host: [host] }), ...(origin !== undefined && { origin: [origin] }) };
  const request = {
    method: 'POST',
    target: '/_local/token',
    body: Buffer.alloc(0),
    source_ip: '',
    http_version: '1.1',
  };
  return refuseStrangers(spec, { ...request, headers })?.status ?? null;
}

describe('the local routes are open', () => {
  it.each(['127.0.0.1:4000', 'localhost:4000', '[::1]:4000', 'localhost'])('to programs that call %s', (host) => {
    expect(statusOf(host)).toBeNull();
  });

  it.each(['127.0.0.1:4000', 'localhost:4000'])('to the page of %s itself', (host) => {
    expect(statusOf(host, `http://${host}`)).toBeNull();
    expect(statusOf(host, `http://${host}`, null)).toBeNull();
  });

  it('to origins that the API allows', () => {
    expect(statusOf('127.0.0.1:4000', app)).toBeNull();
    expect(statusOf('127.0.0.1:4000', 'http://any.example', { ...cors, allow_origins: ['*'] })).toBeNull();
  });
});

describe('the local routes are closed', () => {
  it.each([undefined, 'evil.example', 'evil.example:4000', 'localhost.evil.example', '127.0.0.1.evil.example:4000'])(
    'to the host %s',
    (host) => {
      expect(statusOf(host)).toBe(403);
      expect(statusOf(host, `http://${host}`)).toBe(403);
    },
  );

  it.each(['http://evil.example', 'null', 'http://127.0.0.1:4001', 'https://127.0.0.1:4000', `${app}.evil.example`])(
    'to the origin %s',
    (origin) => {
      expect(statusOf('127.0.0.1:4000', origin)).toBe(403);
      expect(statusOf('127.0.0.1:4000', origin, null)).toBe(403);
    },
  );
});

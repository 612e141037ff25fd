import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createIssuer,
  type HttpServer,
  type Issuer,
  jsonAnswer,
  PortInUse,
  startHttpServer,
  VirtualClock,
} from '@billing-credits/local-cloud';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type LocalCloud, startLocalCloud } from '../../local/cloud.ts';
import { first_moment } from '../e2e/dev-system.ts';
import { wanted_database } from '../engines/wanted-database.ts';

/** An issuer as a team has one already. */
async function startIssuer(): Promise<{ issuer: Issuer; server: HttpServer }> {
  const published = new Map<string, () => unknown>();
  const server = await startHttpServer({
    port: 0,
    most_body_bytes: 1000,
    tooLarge: () => jsonAnswer({}, 413),
    failed: () => jsonAnswer({}, 500),
    answer: async ({ target }) => jsonAnswer(published.get(target)?.()),
  });
  const issuer = await createIssuer({ url: server.url, audience: 'their-api', clock: new VirtualClock() });
  published.set('/.well-known/openid-configuration', () => issuer.discovery());
  published.set('/.well-known/jwks.json', () => issuer.jwks());
  return { issuer, server };
}

const app_urls = ['http://localhost:5173', 'https://app.example.com/shop'];
const starts_at = Date.parse(first_moment);

describe('the local cloud', () => {
  let cloud: LocalCloud;
  let theirs: Awaited<ReturnType<typeof startIssuer>>;
  const warnings: string[] = [];

  beforeAll(async () => {
    const warn = (line: string) => void warnings.push(line);
    theirs = await startIssuer();
    const issuer = { url: theirs.issuer.url, audiences: ['another-api', 'their-api'] };
    const given = { port: 0, stripe_port: 0, starts_at, database: wanted_database };
    cloud = await startLocalCloud({ ...given, stripe: null, warn, app_urls, issuer });
  });

  afterAll(async () => {
    await cloud.close();
    await theirs.server.close();
    await expect(stat(cloud.work_dir)).rejects.toThrow('ENOENT');
    await expect(fetch(cloud.database.endpoint)).rejects.toThrow();
    await expect(fetch(cloud.stripe_url)).rejects.toThrow();
  });

  const bodySchema = z.record(z.string(), z.unknown());

  async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(`${cloud.url}${path}`, { method, headers, ...(body !== undefined && { body: text }) });
    return { status: response.status, body: bodySchema.parse(await response.json()) };
  }

  async function bearer(account_id: string): Promise<{ authorization: string }> {
    const { body } = await call('POST', '/_local/token', { account_id });
    return { authorization: `Bearer ${String(body.token)}` };
  }

  it('serves the template’s routes', async () => {
    expect(await call('GET', '/api/health')).toEqual({ status: 200, body: { status: 'ok' } });
    const headers = await bearer('u_1');
    expect(await call('GET', '/api/credits', undefined, headers)).toMatchObject({
      status: 200,
      body: { account_id: 'u_1' },
    });
    expect(await readFile(join(cloud.work_dir, 'functions.log'), 'utf8')).not.toContain(headers.authorization);
    expect(warnings).toEqual([]);
  });

  it('takes tokens of the team’s own issuer beside those of the local one', async () => {
    const account = async (token: string) =>
      call('GET', '/api/credits', undefined, { authorization: `Bearer ${token}` });
    expect(await account(await theirs.issuer.token({ account_id: 'ours' }))).toMatchObject({
      status: 200,
      body: { account_id: 'ours' },
    });
    expect(await account(await theirs.issuer.token({ account_id: 'ours', claims: { aud: 'some-api' } }))).toMatchObject(
      { status: 401 },
    );
    expect(await account(await cloud.issuer.token({ account_id: 'local' }))).toMatchObject({ status: 200 });
  });

  it('lets browsers call it from every app, its local routes too', async () => {
    const allowedFrom = async (path: string, origin: string) => {
      const headers = { origin, 'access-control-request-method': 'POST' };
      const preflight = await fetch(`${cloud.url}${path}`, { method: 'OPTIONS', headers });
      const answer = await fetch(`${cloud.url}${path}`, { method: 'POST', headers: { origin }, body: '{}' });
      const [asked, answered] = [preflight, answer].map((each) => each.headers.get('access-control-allow-origin'));
      expect(asked).toBe(answered);
      return answered;
    };
    for (const path of ['/api/billing/checkout', '/_local/token']) {
      expect(await allowedFrom(path, 'http://localhost:5173')).toBe('http://localhost:5173');
      expect(await allowedFrom(path, 'https://app.example.com')).toBe('https://app.example.com');
      expect(await allowedFrom(path, 'http://localhost:3000')).toBeNull();
    }
  });

  it('keeps its local routes from other websites', async () => {
    const headers = { origin: 'http://evil.example' };
    for (const path of ['/_local/token', '/_local/clock', '/_local/stripe/faults']) {
      expect(await call('POST', path, {}, headers)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    }
  });

  it('sends people back to the first app', async () => {
    const { body } = await call(
      'POST',
      '/api/billing/checkout',
      { plan: 'pro', cancel_path: '/back' },
      {
        'content-type': 'application/json',
        ...(await bearer('buyer')),
      },
    );
    const page = await (await fetch(String(body.checkout_url))).text();
    expect(page).toContain('href="http://localhost:5173/back"');
  });

  it('publishes the keys of the issuer that its authorizers trust', async () => {
    const { body } = await call('GET', '/_local/issuer/.well-known/openid-configuration');
    expect(body.issuer).toBe(`${cloud.url}/_local/issuer`);
    const keys = await (await fetch(String(body.jwks_uri))).json();
    expect(keys).toMatchObject({ keys: [{ kty: 'RSA', alg: 'RS256' }] });
    expect(JSON.stringify(keys)).not.toContain('"d"');
  });

  it('has one clock, which gives the functions their time', async () => {
    const before = z.object({ now: z.iso.datetime() }).parse((await call('GET', '/_local/clock')).body).now;
    const to = new Date(Date.parse(before) + 3 * 3_600_000).toISOString();
    const { body } = await call('POST', '/_local/clock', { to });
    const now = z.iso.datetime().parse(body.now);
    expect(now >= to).toBe(true);
    const { body: credits } = await call('GET', '/api/credits', undefined, await bearer('later'));
    expect(String(credits.reset_date) > now).toBe(true);
  });

  it('refuses an invalid request with a problem that says what is wrong', async () => {
    const refused = async (path: string, body: unknown) => {
      const answer = await call('POST', `/_local${path}`, body);
      expect(answer.body).toMatchObject({ type: 'about:blank', status: 400, code: 'validation_failed' });
      return JSON.stringify(answer.body.errors);
    };
    expect(await refused('/token', {})).toContain('account_id');
    expect(await refused('/token', '{')).toContain('not JSON');
    expect(await refused('/clock', {})).toContain('advance');
    expect(await refused('/clock', { advance: 'P1M', to: '2030-01-01T00:00:00Z' })).toContain('advance');
    expect(await refused('/clock', { advance: 'soon' })).toContain('soon');
    expect(await refused('/clock', { to: '2020-01-01T00:00:00Z' })).toContain('never goes back');
    expect(await refused('/stripe/faults', { duplicate: -1 })).toContain('duplicate');
    expect(await refused('/stripe/faults', { explode: true })).toContain('explode');
    expect(await refused('/stripe/faults', { drop_for: 'soon' })).toContain('soon');
    expect(await refused('/stripe/sessions/cs_1/pay', { card: 'stolen' })).toContain('card');
  });

  it.each([
    ['POST', '/_local/stripe/sessions/cs_1/pay', {}],
    ['POST', '/_local/stripe/disputes', { payment_intent: 'pi_1' }],
    ['POST', '/_local/stripe/disputes/dp_1/close', { status: 'won' }],
    ['POST', '/_local/stripe/customers/cus_1/card', { card: 'decline' }],
    ['GET', '/_local/nothing', undefined],
  ])('answers 404 to %s %s', async (method, path, body) => {
    expect(await call(method, path, body)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('counts its queues and says when nothing is left to do', async () => {
    expect(await call('POST', '/_local/idle', {})).toEqual({ status: 200, body: { idle: true } });
    const { body } = await call('GET', '/_local/queues');
    expect(Object.keys(body).sort()).toEqual([
      'ReconciliationRunsQueue.fifo',
      'SweepResetsQueue',
      'WebhookEventsQueue.fifo',
    ]);
    for (const counts of Object.values(body)) expect(counts).toEqual({ waiting: 0, in_flight: 0, dead: 0 });
  });

  it('says where its tables are', async () => {
    const { body } = await call('GET', '/_local/database');
    expect(body).toMatchObject({ endpoint: cloud.database.endpoint, region: 'us-east-1' });
    const tables = z.record(z.string(), z.string()).parse(body.tables);
    expect(Object.keys(tables)).toEqual(expect.arrayContaining(['ACCOUNTS_TABLE', 'LEDGER_TABLE']));
    expect(Object.values(tables).sort()).toEqual(Object.values(cloud.tables).sort());
  });

  it('stands in for the app that customers come back to', async () => {
    const page = await fetch(`${cloud.url}/_local/app/settings/billing?success=true&x=<script>alert(1)</script>`);
    const html = await page.text();
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(html).toContain('/settings/billing');
    expect(html).toContain('<code>success</code></dt><dd><code>true</code>');
    expect(html).not.toContain('<script>');
  });

  it('does not start on a port that is taken', async () => {
    const port = Number(new URL(cloud.url).port);
    const second = startLocalCloud({ port, stripe_port: 0, database: wanted_database, stripe: null });
    await expect(second).rejects.toThrow(PortInUse);
  });

  it('stops what it began when another part does not start', async () => {
    const stripe_port = Number(new URL(cloud.stripe_url).port);
    const second = startLocalCloud({ port: 0, stripe_port, database: wanted_database, stripe: null });
    await expect(second).rejects.toThrow(`port ${stripe_port} is in use`);
  });
});

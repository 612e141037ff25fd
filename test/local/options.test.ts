import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readOptions, WrongOption } from '../../local/options.ts';

describe('the options of npm run dev', () => {
  it('have defaults', () => {
    expect(readOptions({ STRIPE_SECRET_KEY: '' }, [])).toEqual({
      port: 4000,
      stripe_port: 4001,
      database: 'auto',
      starts_at: undefined,
      stripe: null,
      app_urls: [],
      issuer: null,
      data_dir: null,
      verbose: false,
    });
  });

  it('are read from the environment', () => {
    const environment = {
      PORT: '0',
      DYNAMODB: 'http://127.0.0.1:8000',
      STRIPE_SECRET_KEY: 'sk_test_1',
      STRIPE_WEBHOOK_SECRET: 'whsec_1',
      APP_URL: 'http://localhost:5173, https://app.example.com/billing',
      ISSUER: 'https://login.example.com/',
      AUDIENCE: 'api,other-api',
    };
    expect(readOptions(environment, ['--verbose'])).toEqual({
      port: 0,
      stripe_port: 0,
      database: 'http://127.0.0.1:8000',
      starts_at: undefined,
      stripe: { api_key: 'sk_test_1', webhook_secret: 'whsec_1' },
      app_urls: ['http://localhost:5173', 'https://app.example.com/billing'],
      issuer: { url: 'https://login.example.com/', audiences: ['api', 'other-api'] },
      data_dir: null,
      verbose: true,
    });
  });

  it('give the clock a first moment, before or after the machine’s own time', () => {
    for (const START of ['2000-01-01T00:00:00Z', '2026-01-31T23:50:00Z', '2999-12-31T23:59:59.999Z']) {
      expect(readOptions({ START }, []).starts_at).toBe(Date.parse(START));
    }
  });

  it('cannot turn the clock of the real Stripe', () => {
    const environment = { START: '2026-01-31T23:50:00Z', STRIPE_SECRET_KEY: 'sk_test_1' };
    expect(() => readOptions(environment, [])).toThrow(/^START .*STRIPE_SECRET_KEY/);
  });

  it.each([
    ['START', { START: 'yesterday' }],
    ['START', { START: '2026-02-29T00:00:00Z' }],
    ['START', { START: '2026-01-31T23:50:00+01:00' }],
    ['START', { START: '31 January' }],
    ['START', { START: '1999-12-31T23:59:59Z' }],
    ['START', { START: '9999-01-01T00:00:00Z' }],
    ['PORT', { PORT: 'http' }],
    ['PORT', { PORT: '70000' }],
    ['STRIPE_PORT', { STRIPE_PORT: '-1' }],
    ['DYNAMODB', { DYNAMODB: 'mysql' }],
    ['DYNAMODB', { DYNAMODB: 'http://' }],
    ['STRIPE_SECRET_KEY', { STRIPE_SECRET_KEY: 'sk_live_1' }],
    ['STRIPE_SECRET_KEY', { STRIPE_SECRET_KEY: 'pk_test_1' }],
    ['STRIPE_WEBHOOK_SECRET', { STRIPE_WEBHOOK_SECRET: 'secret' }],
    ['LOG', { LOG: 'yes' }],
    ['APP_URL', { APP_URL: 'app.test:5173' }],
    ['APP_URL', { APP_URL: 'http://localhost:5173,' }],
    ['ISSUER', { ISSUER: 'login.example.com', AUDIENCE: 'api' }],
    ['AUDIENCE', { AUDIENCE: 'api,,other', ISSUER: 'https://login.example.com' }],
  ])('a wrong %s is named, without its value', (name, environment) => {
    expect(() => readOptions(environment, [])).toThrow(WrongOption);
    expect(() => readOptions(environment, [])).toThrow(new RegExp(`^${name} `));
    const [value = ''] = Object.values(environment);
    expect(() => readOptions(environment, [])).not.toThrow(value);
  });

  it.each([
    [{ PORT: '99999' }, 'PORT is not a port number: the largest is 65535'],
    [{ PORT: 'http' }, 'PORT is not a port number'],
    [{ DYNAMODB: 'https://' }, 'DYNAMODB is neither auto, dynoxide, memory, dynamodb-local nor an http URL'],
  ])('%j is explained', (environment, message) => {
    expect(() => readOptions(environment, [])).toThrow(new WrongOption(message));
  });

  it('an unknown argument is refused', () => {
    expect(() => readOptions({}, ['--loud'])).toThrow(WrongOption);
    expect(() => readOptions({}, ['--loud'])).toThrow(/--loud/);
    expect(() => readOptions({}, ['loud'])).toThrow(WrongOption);
  });

  it.each([[{ ISSUER: 'https://login.example.com' }], [{ AUDIENCE: 'api' }]])('%j is half of a pair', (environment) => {
    expect(() => readOptions(environment, [])).toThrow(/ISSUER and AUDIENCE belong together/);
  });

  it.each([[['--data', '.local/data']], [['--data=.local/data']]])('%j is a folder, from here', (args) => {
    expect(readOptions({}, args).data_dir).toBe(resolve('.local/data'));
  });

  it.each([[['--data']], [['--data', '']]])('%j lacks the folder', (args) => {
    expect(() => readOptions({}, args)).toThrow(WrongOption);
    expect(() => readOptions({}, args)).toThrow(/--data/);
  });

  it('--data cannot keep the tables of an endpoint that runs already', () => {
    expect(() => readOptions({ DYNAMODB: 'http://127.0.0.1:8000' }, ['--data', 'x'])).toThrow(/^DYNAMODB .*--data/);
  });
});

import { connect } from 'node:net';
import * as z from 'zod';
import type { DevSystem } from '../../e2e/dev-system.ts';
import type { Api, TokenWish, WireAnswer, WireRequest } from './wire.ts';

/** What the local cloud's clock is moved at most: it does all hours of work in between. */
const longest_wait_ms = 3_700_000;

/**
 * The key that the local cloud's functions have for the fake of Stripe. The webhook's secret is
 * made at its start and told to nobody.
 */
const fake_api_key = 'sk_test_local';

/**
 * The whole local system, which runs with `LOG=1`, by raw sockets: what a client of HTTP would mend
 * arrives as it is.
 */
export function overHttp(system: DevSystem): Api {
  let read = system.output().length;
  const port = Number(new URL(system.url).port);
  const local = (path: string, body: object) =>
    send(port, {
      method: 'POST',
      target: `/_local/${path}`,
      headers: [['Content-Type', 'application/json']],
      body: Buffer.from(JSON.stringify(body)),
    });
  return {
    level: 'over-http',
    account_claim: 'sub',
    secrets: [fake_api_key],
    send: (request) => send(port, request),
    token: async (wish: TokenWish) => token_schema.parse(JSON.parse((await local('token', wish)).text)).token,
    takeLog: () => {
      const output = system.output();
      const taken = output.slice(read);
      read = output.length;
      return taken;
    },
    sign: async () => 't=1,v1=00',
    begin: async () => {},
    wait: async (ms) => {
      await local('clock', { advance: `PT${Math.floor(Math.min(ms, longest_wait_ms) / 1_000)}S` });
    },
    pay: async (session_id) => {
      await local(`stripe/sessions/${session_id}/pay`, {});
      await local('idle', {});
    },
    close: async () => {
      await system.stop();
    },
  };
}

const token_schema = z.object({ token: z.string() });

/** One request on a connection of its own, byte for byte. */
export function send(port: number, { method, target, headers, body }: WireRequest): Promise<WireAnswer> {
  const lines = [
    `${method} ${target} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: close',
    ...(body.length > 0 ? [`Content-Length: ${body.length}`] : []),
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('connect', () => {
      socket.write(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]));
    });
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (error) => {
      // A server that refuses a head may hang up before it has read the rest.
      if (chunks.length === 0) reject(error);
    });
    socket.on('close', () => {
      if (chunks.length > 0) resolve(readAnswer(Buffer.concat(chunks)));
      else reject(new Error(`no answer to ${method} ${target}`));
    });
  });
}

/** What Node's server answers to heads that are none, or too long. */
const unread_statuses = new Set([400, 431]);

/** The whole of an answer whose end is the end of its connection. */
function readAnswer(bytes: Buffer): WireAnswer {
  const end = bytes.indexOf('\r\n\r\n');
  const [status_line = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const text = bytes.subarray(end + 4).toString();
  const status = Number(status_line.split(' ')[1]);
  const named = Object.fromEntries(headers);
  const is_unread = unread_statuses.has(status) && text === '' && named['content-type'] === undefined;
  return { status, headers: named, text, is_unread };
}

import { allowsOrigin } from './cors.ts';
import type { HttpAnswer, HttpRequest } from './http-server.ts';
import { toAnswer } from './problem.ts';
import type { CorsSpec } from './system.ts';

/** This machine, as a URL names it. */
const own_hosts = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Refuses what a strange website makes the developer's browser send to `/_local`; null lets the
 * request pass. The host must be this machine, or a website could point its own name here and read
 * the answers. The origin, if there is one, must be this server's own or one that the API allows.
 */
export function refuseStrangers(cors: CorsSpec | null, { headers }: HttpRequest): HttpAnswer | null {
  const [host = ''] = headers.host ?? [];
  if (!own_hosts.includes(host.replace(/:\d+$/, ''))) {
    return refusal(`Call the local routes by one of the hosts ${own_hosts.join(', ')}.`);
  }
  const origin = headers.origin?.[0];
  if (origin === undefined || origin === `http://${host}` || allowsOrigin(cors, origin)) return null;
  return refusal('This origin must not call the local routes. To allow it, add it to APP_URL.');
}

function refusal(detail: string): HttpAnswer {
  return toAnswer({ status: 403, code: 'forbidden', detail });
}

import { relative } from 'node:path';
import type { LocalCloud } from '../cloud.ts';
import type { Options } from '../options.ts';

/** What `npm run dev` says when everything answers. */
export function introduction(cloud: LocalCloud, options: Options): string {
  const { url, database, work_dir } = cloud;
  const lines = [
    ['page', `${url}/  what runs, tokens, the clock, what happens`],
    ['api', `${url}/api  described by ${url}/api/openapi.json`],
    ['stripe', describeStripe(cloud, options)],
    ...(options.app_urls.length > 0 ? [['app', options.app_urls.join(', ')]] : []),
    ...(options.issuer ? [['issuer', `${options.issuer.url}, and the local one`]] : []),
    ['database', `${database.endpoint} (${database.kind}: ${database.reason})`],
    ...(options.starts_at === undefined ? [] : [['clock', `began at ${new Date(options.starts_at).toISOString()}`]]),
    ['data', options.data_dir === null ? 'in memory, gone when this stops' : `kept in ${fromHere(options.data_dir)}`],
    ['log', options.verbose ? 'below' : `${fromHere(work_dir)}/functions.log`],
    ['a token', `curl -s ${url}/_local/token -d '{"account_id": "u_1"}'`],
    ['stop', 'Ctrl-C'],
  ];
  return ['', ...lines.map(([name = '', text]) => `${name.padEnd(9)} ${text}`), '', `ready ${url}`].join('\n');
}

function describeStripe({ stripe, url }: LocalCloud, options: Options): string {
  if (stripe !== null) return `${stripe.url} (fake: no money moves)`;
  const listen = `stripe listen --forward-to ${url}/api/webhooks/stripe`;
  const next = options.stripe?.webhook_secret
    ? listen
    : `run ${listen}, set STRIPE_WEBHOOK_SECRET to what it prints, and start again`;
  return `the real one, test mode: ${next}`;
}

/** As somebody writes it who stands here: shorter, and it can be pasted. */
function fromHere(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith('..') ? path : short;
}

import { routes } from '../../../shared/api/routes.ts';
import type { LocalCloud } from '../../cloud.ts';
import type { Options } from '../../options.ts';
import type { PageState } from './page-state.ts';

/** What runs, as names and values. */
export function factsOf(cloud: LocalCloud, options: Options): PageState['facts'] {
  const { url, database, stripe, stripe_url, system, work_dir } = cloud;
  const authorizers = system.routes.flatMap(({ authorizer }) => authorizer ?? []);
  const trusted = new Map(authorizers.map(({ issuer, audience }) => [issuer, audience]));
  trusted.delete(cloud.issuer.url);
  return [
    { name: 'API', values: [`${url}/api, ${system.routes.length} routes`] },
    {
      name: 'Stripe',
      values: [stripe === null ? `${stripe_url}, the real one in test mode` : `${stripe_url}, a fake: no money moves`],
    },
    {
      name: 'Issuers of tokens',
      values: [
        ...[...trusted].map(([issuer, audience]) => `${issuer} for ${audience.join(', ')}`),
        `${cloud.issuer.url}, the local one`,
      ],
    },
    { name: 'Browsers may call from', values: system.cors?.allow_origins ?? ['nowhere'] },
    {
      name: 'Database',
      values: [`${database.kind} at ${database.endpoint}: ${database.reason}`, Object.values(cloud.tables).join(', ')],
    },
    { name: 'Data', values: [options.data_dir ?? 'In memory: gone when this stops. --data <folder> keeps it.'] },
    { name: 'Log', values: [options.verbose ? 'The terminal' : `${work_dir}/functions.log`] },
  ];
}

/** Where to go from here. */
export function linksOf({ url }: LocalCloud, { app_urls }: Options): PageState['links'] {
  const apps = app_urls.length > 0 ? app_urls : [`${url}/_local/app`];
  return [
    { name: 'OpenAPI document', url: routes.openapi.path, note: 'Every route with its schemas and problems' },
    { name: 'Health', url: routes.health.path, note: 'As a monitor sees it' },
    { name: 'Plans', url: routes.plans.path, note: 'What a pricing table is made of' },
    { name: 'Queues', url: '/_local/queues', note: 'What waits, is in flight, is dead' },
    { name: 'Tables', url: '/_local/database', note: 'Endpoint and names, for programs that read them' },
    ...apps.map((app) => ({ name: 'Your app', url: app, note: app })),
  ];
}

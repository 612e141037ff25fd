import { join } from 'node:path';
import type { CdkApp } from '@billing-credits/local-cloud';
import { host_environment } from './options.ts';

/** This project's CDK app. */
export const app: CdkApp = {
  dir: join(import.meta.dirname, '..'),
  entry: 'infra/app.ts',
  environment: host_environment,
};

import { compose } from '../composition.ts';
import { creditsApi } from './api.ts';

export const handler = creditsApi(compose('accounts', 'ledger', 'usage', 'account_parts', 'requests'));

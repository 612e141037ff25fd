import { compose } from '../composition.ts';
import { accessApi } from './api.ts';

export const handler = accessApi(compose('accounts', 'ledger', 'usage', 'requests'));

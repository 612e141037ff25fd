import { readEnvironment } from '../../shared/environment.ts';
import { composeStripe } from '../compose-stripe.ts';
import { compose } from '../composition.ts';
import { checkoutApi } from './api.ts';

const parts = compose('accounts', 'ledger', 'requests');

export const handler = checkoutApi({ ...parts, ...composeStripe(parts), ...readEnvironment('app_url') });

import { readEnvironment } from '../../shared/environment.ts';
import { composeStripe } from '../compose-stripe.ts';
import { compose } from '../composition.ts';
import { checkoutApi } from './api.ts';

const deps = compose('accounts', 'ledger', 'requests');

export const handler = checkoutApi({ ...deps, ...composeStripe(deps), ...readEnvironment('app_url') });

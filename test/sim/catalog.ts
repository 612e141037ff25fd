import billing_config from '../../billing.config.ts';
import { toCatalog } from '../../shared/config/to-catalog.ts';

/** What is sold in a simulation: what the project sells. */
export const catalog = toCatalog(billing_config);

import type Stripe from 'stripe';
import * as z from 'zod';
import { type Route, route } from '../api/route.ts';

/** The account of the key. Clients ask for it to see whether their key works. */
const ACCOUNT: Stripe.Account = {
  id: 'acct_local',
  object: 'account',
  charges_enabled: true,
  country: 'US',
  default_currency: 'usd',
  details_submitted: true,
  email: 'owner@example.com',
  metadata: {},
  payouts_enabled: true,
  type: 'standard',
};

export const accountRoutes: Route[] = [route('GET', '/v1/account', z.strictObject({}), () => ACCOUNT)];

import { billing_routes } from '../../shared/api/billing-routes.ts';
import { Problem } from '../../shared/api/problem.ts';
import { serve } from '../../shared/api/serve.ts';
import { answerOnce } from './answer-once.ts';
import { urlInApp } from './app-url.ts';
import type { CheckoutDeps } from './deps.ts';

/** POST /api/billing/portal */
export const createPortal = (deps: CheckoutDeps) =>
  serve(billing_routes.portal, (request) =>
    answerOnce(deps, billing_routes.portal, request, async () => {
      const { accounts, stripe, app_url } = deps;
      const return_url = urlInApp(app_url, request.body.return_path, 'return_path');
      const { account } = await accounts.read(request.account_id);
      const { stripe_customer_id } = account;
      if (stripe_customer_id === null) throw new Problem('no_customer', 'The portal opens after the first checkout.');
      return { portal_url: await stripe.createPortalSession(request, { stripe_customer_id, return_url }) };
    }),
  );

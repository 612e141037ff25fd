import { accountRoutes } from '../objects/account.ts';
import { balanceTransactionRoutes } from '../objects/balance-transactions.ts';
import { chargeRoutes } from '../objects/charges.ts';
import { checkoutSessionRoutes } from '../objects/checkout-session-routes.ts';
import { customerRoutes } from '../objects/customer-routes.ts';
import { disputeRoutes } from '../objects/disputes.ts';
import { eventRoutes } from '../objects/events.ts';
import { invoicePreviewRoutes } from '../objects/invoice-previews.ts';
import { invoiceRoutes } from '../objects/invoice-routes.ts';
import { paymentIntentRoutes } from '../objects/payment-intents.ts';
import { paymentMethodRoutes } from '../objects/payment-methods.ts';
import { portalConfigurationRoutes } from '../objects/portal-configurations.ts';
import { portalSessionRoutes } from '../objects/portal-sessions.ts';
import { priceRoutes } from '../objects/prices.ts';
import { productRoutes } from '../objects/products.ts';
import { refundRoutes } from '../objects/refunds.ts';
import { subscriptionItemRoutes } from '../objects/subscription-items.ts';
import { subscriptionRoutes } from '../objects/subscription-routes.ts';
import { subscriptionScheduleRoutes } from '../objects/subscription-schedule-routes.ts';
import { webhookEndpointRoutes } from '../objects/webhook-endpoints.ts';
import type { Route } from './route.ts';

/** The whole API. */
export const routes: Route[] = [
  ...balanceTransactionRoutes,
  ...chargeRoutes,
  ...checkoutSessionRoutes,
  ...customerRoutes,
  ...eventRoutes,
  ...paymentIntentRoutes,
  ...paymentMethodRoutes,
  ...priceRoutes,
  ...productRoutes,
  ...subscriptionRoutes,
  ...webhookEndpointRoutes,
  ...accountRoutes,
  ...disputeRoutes,
  ...invoicePreviewRoutes,
  ...invoiceRoutes,
  ...portalConfigurationRoutes,
  ...portalSessionRoutes,
  ...refundRoutes,
  ...subscriptionItemRoutes,
  ...subscriptionScheduleRoutes,
];

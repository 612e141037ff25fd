import type Stripe from 'stripe';

export type StripeErrorType =
  | 'api_error'
  | 'authentication_error'
  | 'card_error'
  | 'idempotency_error'
  | 'invalid_request_error';

export interface StripeErrorDetails {
  code?: string;
  param?: string;
  decline_code?: string;
  charge?: string;
  payment_intent?: Stripe.PaymentIntent;
  payment_method?: Stripe.PaymentMethod;
}

/** An answer that is not 2xx, in Stripe's shape. @see https://docs.stripe.com/api/errors */
export class StripeApiError extends Error {
  readonly status: number;
  readonly type: StripeErrorType;
  readonly details: StripeErrorDetails;

  constructor(status: number, type: StripeErrorType, message: string, details: StripeErrorDetails = {}) {
    super(message);
    this.name = 'StripeApiError';
    this.status = status;
    this.type = type;
    this.details = details;
  }

  toBody(request_id: string): { error: Record<string, unknown> } {
    const { code } = this.details;
    return {
      error: {
        ...this.details,
        ...(code === undefined ? {} : { doc_url: `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}` }),
        message: this.message,
        request_log_url: `https://dashboard.stripe.com/test/logs/${request_id}`,
        type: this.type,
      },
    };
  }
}

/** 400 for a mistake in the request. */
export function invalidRequest(message: string, details: StripeErrorDetails = {}): StripeApiError {
  return new StripeApiError(400, 'invalid_request_error', message, details);
}

/** 404 if the path names the object (param `id`), 400 if a parameter does. */
export function resourceMissing(noun: string, id: string, param: string): StripeApiError {
  const status = param === 'id' ? 404 : 400;
  return new StripeApiError(status, 'invalid_request_error', `No such ${noun}: '${id}'`, {
    code: 'resource_missing',
    param,
  });
}

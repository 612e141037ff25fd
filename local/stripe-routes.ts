import {
  addDuration,
  type Clock,
  invalid,
  jsonAnswer,
  type LocalCall,
  type LocalRoute,
  Refused,
  readBody,
  WrongTime,
} from '@billing-credits/local-cloud';
import { CARDS, type FakeStripe } from '@billing-credits/stripe-fake';
import { z } from 'zod';

const card = z.enum(CARDS);
const count = z.int().min(0).max(1000);

const bodies = {
  pay: z.strictObject({ card: card.default('success') }),
  faults: z.strictObject({
    duplicate: count.default(0),
    reorder: z.boolean().default(false),
    drop: count.default(0),
    drop_for: z.string().optional(),
    fail: count.default(0),
    fail_after: count.default(0),
    rate_limit: count.default(0),
  }),
  card: z.strictObject({ card }),
  dispute: z.strictObject({ payment_intent: z.string().min(1) }),
  close_dispute: z.strictObject({ status: z.enum(['won', 'lost']) }),
};

/**
 * Routes under `/_local/stripe`, which direct the fake of Stripe. `fake` is null if the real Stripe
 * is in use.
 */
export function stripeRoutes(fake: FakeStripe | null, clock: Clock): LocalRoute[] {
  const route = (route_key: string, act: (stripe: FakeStripe, call: LocalCall) => unknown): LocalRoute => ({
    route_key,
    handle: async (call) => jsonAnswer(await asProblem(() => act(fake ?? refuse(), call))),
  });
  return [
    route('POST /_local/stripe/sessions/{id}/pay', (stripe, { parameters, body }) =>
      stripe.paySession(parameters.id ?? '', readBody(bodies.pay, body).card),
    ),
    route('POST /_local/stripe/faults', (stripe, { body }) => {
      const faults = readBody(bodies.faults, body);
      const { drop_for, ...others } = faults;
      stripe.setFaults({ ...others, drop_until: drop_for === undefined ? null : momentAfter(clock, drop_for) });
      return faults;
    }),
    route('POST /_local/stripe/customers/{id}/card', (stripe, { parameters, body }) => {
      const wanted = readBody(bodies.card, body);
      stripe.setCard(parameters.id ?? '', wanted.card);
      return wanted;
    }),
    route('POST /_local/stripe/disputes', (stripe, { body }) =>
      stripe.openDispute(readBody(bodies.dispute, body).payment_intent),
    ),
    route('POST /_local/stripe/disputes/{id}/close', (stripe, { parameters, body }) =>
      stripe.closeDispute(parameters.id ?? '', readBody(bodies.close_dispute, body).status),
    ),
  ];
}

function refuse(): never {
  throw new Refused({
    status: 409,
    code: 'not_with_real_stripe',
    title: 'The real Stripe is in use',
    detail: 'Only the fake of Stripe can be told what to do; STRIPE_SECRET_KEY is set.',
  });
}

/** The moment that lies this long after now. */
function momentAfter(clock: Clock, iso_duration: string): number {
  try {
    return addDuration(clock.now(), iso_duration);
  } catch (error) {
    if (error instanceof WrongTime) throw invalid([{ path: 'drop_for', message: error.message }]);
    throw error;
  }
}

/** The fake refuses in Stripe's own form. */
const stripeErrorSchema = z.object({
  status: z.int().min(400).max(499),
  message: z.string(),
  details: z.object({ code: z.string().optional() }),
});

async function asProblem<T>(act: () => T): Promise<Awaited<T>> {
  try {
    return await act();
  } catch (error) {
    const { success, data } = stripeErrorSchema.safeParse(error);
    if (!success) throw error;
    const is_missing = data.details.code === 'resource_missing';
    throw new Refused(
      is_missing
        ? { status: 404, code: 'not_found', detail: data.message }
        : { status: 400, code: 'bad_request', detail: data.message },
    );
  }
}

import Stripe from 'stripe';
import * as z from 'zod';
import { ApiCaller } from './api-caller.ts';
import { expectSight, type Walk } from './walk.ts';

interface System {
  readonly url: string;
  readonly stripe_url: string;
}

const ledger = z.object({ data: z.array(z.object({ transaction_type: z.string(), amount: z.number() })) });

/** The path of a user: from sign-up to paid credits, a month on, and a verified ledger. */
export async function walkMainPath(walk: Walk, { url, stripe_url }: System): Promise<void> {
  const local = new ApiCaller(url, null);
  const ada = await ApiCaller.signIn(url, { account_id: 'ada' });
  const bob = await ApiCaller.signIn(url, { account_id: 'bob' });
  const service = await ApiCaller.signIn(url, { account_id: 'backend', scope: 'billing:service' });
  const { hostname, port } = new URL(stripe_url);
  const stripe = new Stripe('sk_test_local', { host: hostname, port, protocol: 'http', telemetry: false });
  let session_id = '';
  let checkout_url = '';

  const balance = async (who: ApiCaller) => (await who.get('/api/credits')).body;
  const lines = async (who: ApiCaller) => {
    const { data } = ledger.parse((await who.get('/api/credits/transactions?limit=100')).body);
    return data
      .toReversed()
      .map(({ transaction_type, amount }) => `${transaction_type} ${amount > 0 ? '+' : ''}${amount}`);
  };

  await walk.step('two new users sign in', async () => {
    for (const who of [ada, bob]) expectSight(await balance(who), { plan: 'free', available_credits: 100 });
    return 'plan free, 100 credits each';
  });

  await walk.step(
    'the backend deducts 30 from Ada with an Idempotency-Key, and sends the same request again',
    async () => {
      const spend = () =>
        service.post('/api/accounts/ada/credits/deduct', { amount: 30, description: 'Draft an article' }, 'draft-1');
      const [first, again] = [await spend(), await spend()];
      expectSight(first, { status: 200, replayed: false, body: { amount: -30, balance_after: 70 } });
      expectSight(again, { status: 200, replayed: true, text: first.text });
      return `balance_after 70; the second answer is the first one, byte for byte (${first.text.length} bytes)`;
    },
  );

  await walk.step('the backend asks for more than there is', async () => {
    const refused = await service.post('/api/accounts/ada/credits/deduct', { amount: 71, description: 'Too much' });
    expectSight(refused, { status: 402, body: { code: 'insufficient_credits', required: 71, available_credits: 70 } });
    return `402 ${String(refused.body.detail)}`;
  });

  await walk.step('Ada wants a feature of another plan', async () => {
    const refused = await ada.get('/api/features/advanced_workflows');
    expectSight(refused, { status: 403, body: { detail: 'Upgrade to access advanced_workflows' } });
    return `403 ${String(refused.body.detail)} (${JSON.stringify(refused.body.required_plans)})`;
  });

  await walk.step('Ada starts a checkout for pro and opens its page', async () => {
    const started = await ada.post('/api/billing/checkout', { plan: 'pro' });
    expectSight(started.status, 201);
    session_id = String(started.body.session_id);
    checkout_url = String(started.body.checkout_url);
    const page = await fetch(checkout_url);
    expectSight(page.status, 200);
    return checkout_url;
  });

  await walk.step('Ada pays; every webhook arrives three times and in any order', async () => {
    await local.post('/_local/stripe/faults', { duplicate: 2, reorder: true });
    const paid = await local.post(`/_local/stripe/sessions/${session_id}/pay`, { card: 'success' });
    expectSight(paid.status, 200);
    await local.post('/_local/idle', {});
    expectSight(await balance(ada), { plan: 'pro', status: 'active', available_credits: 1000 });
    expectSight((await ada.get('/api/features/advanced_workflows')).status, 200);
    return `plan pro, 1000 credits, advanced_workflows opens; ledger: ${(await lines(ada)).join(', ')}`;
  });

  await walk.step('Stripe, asked by its own SDK, agrees', async () => {
    const { body } = await ada.get('/api/billing/subscription');
    const subscription = await stripe.subscriptions.retrieve(String(body.stripe_subscription_id));
    expectSight(subscription.status, 'active');
    const { data } = await stripe.invoices.list({ customer: String(body.stripe_customer_id) });
    expectSight(data[0]?.status, 'paid');
    return `${subscription.id} is ${subscription.status}, its invoice of ${data[0]?.amount_paid} ${data[0]?.currency} is paid`;
  });

  await walk.step('the backend deducts 250', async () => {
    const spent = await service.post('/api/accounts/ada/credits/deduct', {
      amount: 250,
      description: 'A long workflow',
    });
    expectSight(spent, { status: 200, body: { balance_after: 750 } });
    return 'balance_after 750';
  });

  await walk.step('the backend holds 200 for work whose cost is not known yet; 120 of it are charged', async () => {
    const held = await service.post('/api/accounts/ada/credits/holds', { amount: 200, description: 'Render a film' });
    expectSight(held, { status: 201, body: { amount: 200, status: 'open' } });
    expectSight(await balance(ada), { held_credits: 200, available_credits: 550 });
    const settled = await service.post(`/api/accounts/ada/credits/holds/${String(held.body.hold_id)}/settle`, {
      amount: 120,
    });
    expectSight(settled, { status: 200, body: { amount: -120, balance_after: 630 } });
    return '200 held of 750; after the settlement 630 are available';
  });

  await walk.step('a service grants Ada 50, which burn first, and gives back half of the workflow', async () => {
    const grant = { amount: 50, description: 'Sorry for the wait', priority: 10 };
    expectSight((await service.post('/api/accounts/ada/credits/grants', grant)).status, 201);
    const { body: workflow } = await ada.get('/api/credits/transactions?type=usage&limit=100');
    const { data } = z
      .object({ data: z.array(z.object({ entry_id: z.string(), amount: z.number() })) })
      .parse(workflow);
    const entry_id = data.find(({ amount }) => amount === -250)?.entry_id;
    const refunded = await service.post('/api/accounts/ada/credits/refunds', { entry_id, amount: 125 });
    expectSight(refunded, { status: 201, body: { amount: 125, balance_after: 805, refunds: entry_id } });
    const spent = await service.post('/api/accounts/ada/credits/deduct', { amount: 60, description: 'Another draft' });
    expectSight(spent.body.lots, [
      { kind: 'bonus', amount: -50 },
      { kind: 'monthly', amount: -10 },
    ]);
    return 'balance 805; a deduction of 60 takes 50 from the grant and 10 from the allowance';
  });

  await walk.step(
    'Ada buys two packs of credits; a third of their money is refunded; the rest is disputed, and won back',
    async () => {
      const started = await ada.post('/api/billing/checkout', { pack: 'small', quantity: 2 });
      expectSight(started.status, 201);
      const pack_session = String(started.body.session_id);
      await local.post(`/_local/stripe/sessions/${pack_session}/pay`, { card: 'success' });
      await local.post('/_local/idle', {});
      expectSight(await balance(ada), { available_credits: 1745 });
      const payment_intent = z.string().parse((await stripe.checkout.sessions.retrieve(pack_session)).payment_intent);
      await stripe.refunds.create({ payment_intent, amount: 1000 });
      const dispute = await local.post('/_local/stripe/disputes', { payment_intent });
      await local.post('/_local/idle', {});
      expectSight(await balance(ada), { available_credits: 745 });
      await local.post(`/_local/stripe/disputes/${String(dispute.body.id)}/close`, { status: 'won' });
      await local.post('/_local/idle', {});
      expectSight(await balance(ada), { available_credits: 1412 });
      return `745 + 1000 − 333 refunded; − 667 disputed; + 667 won: 1412. Ledger: ${(await lines(ada)).slice(-4).join(', ')}`;
    },
  );

  await walk.step('a month passes on the virtual clock; the renewal is paid an hour later', async () => {
    await local.post('/_local/clock', { advance: 'P1M' });
    const { body } = await local.post('/_local/clock', { advance: 'PT2H' });
    expectSight(await balance(ada), { plan: 'pro', used_credits: 0, bonus_credits: 667, available_credits: 1667 });
    return `it is ${String(body.now)}; Ada has 1000 fresh credits, and what is left of the packs: ${(await lines(ada)).slice(-2).join(', ')}`;
  });

  await walk.step("the schedule has reset Bob's free account, though nobody touched it", async () => {
    const seen = await lines(bob);
    expectSight(seen, ['reset +100', 'expire -100', 'reset +100']);
    return seen.join(', ');
  });

  await walk.step('the books are verified: sums, sequence, hash chain', async () => {
    const seen = [];
    for (const account of ['ada', 'bob']) {
      const { body } = await service.get(`/api/accounts/${account}/verify`);
      expectSight(body, { ok: true, problems: [] });
      seen.push(`${account}: ok, ${String(body.entries)} entries, balance ${String(body.balance)}`);
    }
    return seen.join('; ');
  });
}

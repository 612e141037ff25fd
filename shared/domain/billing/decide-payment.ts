import { bookMovements, bookNewLot, type Draft, withAccount } from '../account/draft.ts';
import {
  creditsToCallBack,
  type MoneyReturned,
  type Payment,
  type Purchase,
  sumOfMoneyBack,
  withMoneyReturned,
} from '../account/payment.ts';
import { paymentOf, withPayment } from '../account/rows.ts';
import { refusal } from '../errors.ts';
import type { EntryFacts } from '../ledger/entry.ts';
import { availableOf, balanceOf, default_priority, type Lot, withDebt } from '../ledger/lot.ts';
import type { Decide } from '../time/decision.ts';
import { balance_max, type Credits, type Instant } from '../units.ts';

/** News of a payment for credits. */
export type PaymentNews =
  | {
      readonly kind: 'purchase';
      readonly payment_id: string;
      readonly credits: Credits;
      readonly description: string;
      /** `purchase:<payment>`. */
      readonly entry_id: string;
    }
  | (MoneyReturned & {
      readonly payment_id: string;
      /**
       * Names what happened: a charge and its cumulative refund, or a dispute and its movement.
       * With money back one by one it names the charge.
       */
      readonly cause: string;
    });

/**
 * Books what a payment bought, and what must go back with its money: in proportion, by the sum of
 * what was returned, so order and repetition of the news make no difference. Spent credits are not
 * taken below zero: the entry says what is owed, and the lot gives it when credits come back to it.
 * A dispute that is won, and money back that has failed, give back what was taken for them.
 * Refusal: `credits_out_of_range`. Asks for all money back one by one if its sum does not tell what
 * went back.
 */
export const decidePayment =
  (news: PaymentNews): Decide =>
  ({ draft, at }) => {
    const known = paymentOf(draft.account, news.payment_id);
    if (known === undefined) return { asks: { kind: 'payment', id: news.payment_id } };
    if (news.kind !== 'purchase') {
      // One of Stripe's refunds has failed, so their sum does not tell what went back.
      if (news.kind === 'money_back_sum' && known.money_back.length > 0) {
        return { asks: { kind: 'money_back', payment_id: news.payment_id } };
      }
      const payment = withMoneyReturned(known, news);
      return { draft: bookDifference(draft, payment, causeOf(news, payment), at) };
    }
    if (known.purchase !== null) return { draft };
    const { credits } = news;
    const room = Math.max(0, balance_max - balanceOf(draft.account.lots));
    if (credits > room) return { refused: refusal('credits_out_of_range', { most: room }) };
    const facts = factsOf(news.entry_id, 'purchase', news.description, at);
    const lot = {
      kind: 'purchase',
      amount: credits,
      remaining: credits,
      priority: default_priority,
      expires_at: null,
    } as const;
    const bought = bookNewLot(draft, facts, lot);
    const purchase: Purchase = { lot_id: bought.account.lots.at(-1)?.id ?? '', credits, opened_at: at };
    return { draft: bookDifference(bought, { ...known, purchase }, news.payment_id, at) };
  };

/**
 * Names the state of money back one by one, which only grows: what ever went back, and what of that
 * has failed.
 */
function causeOf({ kind, cause }: PaymentNews & MoneyReturned, { money_back }: Payment): string {
  if (kind !== 'money_back_list') return cause;
  const failed = sumOfMoneyBack(money_back, true);
  return `${cause}:${sumOfMoneyBack(money_back, false) + failed}:${failed}`;
}

/** Books the difference between what must be called back and what was. */
function bookDifference(draft: Draft, payment: Payment, cause: string, at: Instant): Draft {
  const called_back_credits = creditsToCallBack(payment);
  const difference = called_back_credits - payment.called_back_credits;
  const noted = withAccount(draft, withPayment(draft.account, { ...payment, called_back_credits }));
  if (payment.purchase === null || difference === 0) return noted;
  const ready = withPurchasedLot(noted, payment.purchase);
  return difference > 0
    ? takeBack(ready, payment.purchase, difference, cause, at)
    : giveBack(ready, payment.purchase, -difference, cause, at);
}

function takeBack(draft: Draft, { lot_id }: Purchase, credits: Credits, cause: string, at: Instant): Draft {
  const lot = lotOf(draft, lot_id);
  const taken = Math.min(credits, availableOf(lot));
  const owed = credits - taken;
  const facts = factsOf(`clawback:${cause}`, 'clawback', 'the money of this purchase went back', at);
  return move(withOwed(draft, lot, owed), owed === 0 ? facts : { ...facts, shortfall_credits: owed }, lot, -taken);
}

/** First the debt is forgiven; the rest was taken, and comes back. */
function giveBack(draft: Draft, { lot_id }: Purchase, credits: Credits, cause: string, at: Instant): Draft {
  const lot = lotOf(draft, lot_id);
  const forgiven = Math.min(credits, lot.owed ?? 0);
  const facts = factsOf(`reinstate:${cause}`, 'reinstate', 'the money of this purchase came back', at);
  return move(withOwed(draft, lot, -forgiven), facts, lot, credits - forgiven);
}

function move(draft: Draft, facts: EntryFacts, { id, kind }: Lot, amount: Credits): Draft {
  return bookMovements(draft, facts, amount === 0 ? [] : [{ id, kind, amount }]);
}

function lotOf({ account }: Draft, lot_id: string): Lot {
  const lot = account.lots.find(({ id }) => id === lot_id);
  if (lot === undefined) throw new TypeError('the lot of a purchase is there when its payment changes');
  return lot;
}

function withOwed(draft: Draft, { id }: Lot, more: Credits): Draft {
  const lots = draft.account.lots.map((lot) => (lot.id === id ? withDebt(lot, (lot.owed ?? 0) + more) : lot));
  return withAccount(draft, { lots });
}

/**
 * Brings the purchase's lot back if it was emptied and has left. The next entry takes it away
 * again.
 */
function withPurchasedLot(draft: Draft, { lot_id, credits, opened_at }: Purchase): Draft {
  const { lots } = draft.account;
  if (lots.some(({ id }) => id === lot_id)) return draft;
  const terms = { amount: credits, priority: default_priority, expires_at: null, created_at: opened_at };
  const lot: Lot = { id: lot_id, kind: 'purchase', ...terms, remaining: 0, held: 0, is_closed: false };
  return withAccount(draft, { lots: [...lots, lot] });
}

function factsOf(
  entry_id: string,
  transaction_type: 'purchase' | 'clawback' | 'reinstate',
  description: string,
  at: Instant,
): EntryFacts {
  return { entry_id, transaction_type, description, created_at: at, actor: 'stripe', fingerprint: null };
}

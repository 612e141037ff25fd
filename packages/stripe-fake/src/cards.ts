export const CARDS = ['success', 'decline', 'authenticate', 'delayed', 'delayed_failure', 'refund_failure'] as const;

/**
 * Ways to pay. `decline` can be saved, but every charge is declined. `authenticate` is a card whose
 * owner must agree to each payment. `delayed` and `delayed_failure` are bank accounts, whose debits
 * take days to succeed or fail. `refund_failure` is a card that takes no refund: a refund seems to
 * succeed, and fails a day later.
 */
export type Card = (typeof CARDS)[number];

/** The pages' words for them. */
export const CARD_LABELS: Record<Card, string> = {
  success: '4242 4242 4242 4242: succeeds',
  decline: '4000 0000 0000 0341: is declined',
  authenticate: '4000 0027 6000 3184: asks for authentication',
  delayed: 'Bank account 000123456789: succeeds after days',
  delayed_failure: 'Bank account 000111111116: fails after days',
  refund_failure: '4000 0000 0000 5126: succeeds, and its refunds fail',
};

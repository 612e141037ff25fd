import { type Form, fieldOf } from '../api/form.ts';
import { CARD_LABELS, CARDS, type Card } from '../cards.ts';

import { type Html, html, NOTHING } from './html.ts';

/** The payment methods that a customer can choose on a page. */
export function cardChoices(): Html[] {
  return CARDS.map(
    (card) =>
      html`<label><input type="radio" name="card" value="${card}"${card === 'success' ? CHECKED : NOTHING}> ${CARD_LABELS[card]}</label>
`,
  );
}

const CHECKED: Html = { html: ' checked' };

/** The choice in the form. */
export function chosenCard(form: Form): Card {
  const chosen = fieldOf(form, 'card');
  return CARDS.find((card) => card === chosen) ?? 'success';
}

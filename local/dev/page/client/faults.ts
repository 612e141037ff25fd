import * as z from '../../../../shared/zod.ts';
import type { PageState } from '../page-state.ts';
import { call, messageOf } from './api.ts';
import { byId, setText } from './dom.ts';

type Faults = NonNullable<PageState['faults']>;

const counts = ['drop', 'fail', 'fail_after', 'rate_limit'] as const;
const none: Faults = { duplicate: 0, reorder: false, drop: 0, fail: 0, fail_after: 0, rate_limit: 0 };

/** How the fake of Stripe misbehaves. */
export class FaultsCard {
  readonly #form = byId('faults-form', HTMLFormElement);
  #shown = '';

  constructor() {
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#apply(this.#wanted());
    });
    byId('no-faults', HTMLButtonElement).addEventListener('click', () => void this.#apply(none));
  }

  /** Counts run down as they are used: the form follows, unless somebody is in it. */
  show(faults: PageState['faults']): void {
    byId('faults', HTMLElement).hidden = faults === null;
    const key = JSON.stringify(faults);
    const is_writing =
      document.activeElement instanceof HTMLInputElement && this.#form.contains(document.activeElement);
    if (faults === null || key === this.#shown || is_writing) return;
    this.#shown = key;
    this.#input('duplicate').checked = faults.duplicate > 0;
    this.#input('reorder').checked = faults.reorder;
    for (const name of counts) this.#input(name).value = String(faults[name]);
  }

  #input(name: keyof Faults): HTMLInputElement {
    const input = this.#form.elements.namedItem(name);
    if (!(input instanceof HTMLInputElement)) throw new Error(`the form has no ${name}`);
    return input;
  }

  #wanted(): Faults {
    const count = (name: (typeof counts)[number]) => this.#input(name).valueAsNumber || 0;
    return {
      duplicate: this.#input('duplicate').checked ? 1 : 0,
      reorder: this.#input('reorder').checked,
      drop: count('drop'),
      fail: count('fail'),
      fail_after: count('fail_after'),
      rate_limit: count('rate_limit'),
    };
  }

  async #apply(faults: Faults): Promise<void> {
    const said = byId('faults-said', HTMLParagraphElement);
    try {
      await call('/_local/stripe/faults', { answer: z.looseObject({}), body: faults });
      said.dataset.kind = 'done';
      setText(said, faults === none ? 'Stripe behaves again.' : 'From now on.');
      if (document.activeElement instanceof HTMLInputElement) document.activeElement.blur();
      this.#shown = '';
    } catch (error) {
      said.dataset.kind = 'refused';
      setText(said, messageOf(error));
    }
  }
}

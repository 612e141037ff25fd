import * as z from '../../../../shared/zod.ts';
import type { PageState } from '../page-state.ts';
import { call, messageOf } from './api.ts';
import { byId, setText } from './dom.ts';
import { formatDuration, formatMinute, formatMoment, refreshTimes } from './format.ts';

const clock_answer = z.object({ now: z.string() });

/** The clock of the local cloud, and the buttons that move it. */
export class ClockCard {
  readonly #buttons = [...document.querySelectorAll<HTMLButtonElement>('.clock button')];
  readonly #next_renewal = byId('next-renewal', HTMLButtonElement);
  readonly #onMoved: () => void;
  #state: PageState['clock'] = { ahead_ms: 0, can_move: false, next_renewal: null };
  #is_moving = false;

  constructor(onMoved: () => void) {
    this.#onMoved = onMoved;
    for (const button of this.#buttons) button.addEventListener('click', () => void this.#move(button));
    setInterval(() => this.#tick(), 1000);
  }

  /** Epoch milliseconds on the local cloud's clock. */
  now(): number {
    return Date.now() + this.#state.ahead_ms;
  }

  show(state: PageState['clock']): void {
    this.#state = state;
    this.#tick();
    const { can_move, ahead_ms } = state;
    const ahead = describeDistance(ahead_ms);
    setText(
      byId('ahead', HTMLParagraphElement),
      can_move ? ahead : 'Stripe is the real one: its clock cannot be moved',
    );
    setText(byId('renewal', HTMLParagraphElement), this.#renewal());
    this.#enable();
  }

  #renewal(): string {
    const { next_renewal } = this.#state;
    if (next_renewal === null) return 'Nothing renews yet: buy a plan first.';
    const charge = formatMinute(Date.parse(next_renewal.charged_by));
    return Date.parse(next_renewal.due_at) <= this.now()
      ? `A renewal is due. It is charged by ${charge}.`
      : `The next renewal is charged by ${charge}.`;
  }

  #tick(): void {
    const now = this.now();
    const face = byId('now', HTMLTimeElement);
    setText(face, formatMoment(now));
    face.dateTime = new Date(now).toISOString();
    refreshTimes(document, now);
  }

  #enable(): void {
    const { can_move, next_renewal } = this.#state;
    for (const button of this.#buttons) button.disabled = this.#is_moving || !can_move;
    if (next_renewal === null) this.#next_renewal.disabled = true;
  }

  async #move(button: HTMLButtonElement): Promise<void> {
    const { advance } = button.dataset;
    const to = this.#state.next_renewal?.charged_by;
    this.#is_moving = true;
    this.#enable();
    button.setAttribute('aria-busy', 'true');
    this.#say('Moving. All that falls due on the way happens now; a month takes some seconds.', 'done');
    try {
      const body = advance === undefined ? { to } : { advance };
      const { now } = await call('/_local/clock', { answer: clock_answer, body });
      this.#say(`Moved to ${formatMinute(Date.parse(now))}.`, 'done');
    } catch (error) {
      this.#say(messageOf(error), 'refused');
    } finally {
      this.#is_moving = false;
      button.removeAttribute('aria-busy');
      this.#onMoved();
    }
  }

  #say(text: string, kind: 'done' | 'refused'): void {
    const said = byId('clock-said', HTMLParagraphElement);
    said.dataset.kind = kind;
    setText(said, text);
  }
}

function describeDistance(ahead_ms: number): string {
  if (Math.abs(ahead_ms) < 1000) return 'the time of this machine';
  return `${formatDuration(Math.abs(ahead_ms))} ${ahead_ms > 0 ? 'ahead of' : 'behind'} this machine`;
}

import type { PropertyName } from './properties.ts';
import type { WireAnswer, WireRequest } from './wire.ts';

/** A property that does not hold. */
export class Violation extends Error {
  readonly property: PropertyName;

  /** `exchanged` is what showed it, if it was a single answer. */
  constructor(property: PropertyName, why: string, exchanged?: { request: WireRequest; answer: WireAnswer }) {
    const lines = exchanged === undefined ? [] : [shownRequest(exchanged.request), shownAnswer(exchanged.answer)];
    super([`${property}: ${why}`, ...lines].join('\n'));
    this.name = 'Violation';
    this.property = property;
  }
}

const shown_length = 1_500;

function cut(text: string): string {
  return text.length > shown_length ? `${text.slice(0, shown_length)}… (${text.length} characters)` : text;
}

function shownRequest({ method, target, headers, body }: WireRequest): string {
  const lines = headers.map(([name, value]) => (name === 'Authorization' ? `${name}: …` : `${name}: ${value}`));
  return cut(`> ${[`${method} ${target}`, ...lines, ...(body.length > 0 ? [body.toString()] : [])].join('\n> ')}`);
}

function shownAnswer({ status, text }: WireAnswer): string {
  return cut(`< ${status} ${text}`);
}

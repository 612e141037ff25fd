import * as z from 'zod';

/** How the document calls a value, by how an answer calls it. */
const names: Readonly<Record<string, string>> = {
  next_cursor: 'cursor',
  event_id: 'id',
  features: 'feature',
  id: 'lot',
};
const kept_per_name = 60;

interface Seen {
  readonly value: string;
  readonly owner: string;
}

/**
 * What earlier answers have named, so that later requests can use it: by whoever it belongs to, and
 * by others.
 */
export class SeenValues {
  readonly #by_name = new Map<string, Seen[]>([
    [
      'plan',
      [
        { value: 'pro', owner: '' },
        { value: 'free', owner: '' },
      ],
    ],
    ['pack', [{ value: 'small', owner: '' }]],
    ['feature', ['ads', 'analytics', 'basic_posts'].map((value) => ({ value, owner: '' }))],
  ]);

  add(name: string, value: string, owner: string): void {
    const seen = this.#by_name.get(name) ?? [];
    if (seen.some((one) => one.value === value)) return;
    this.#by_name.set(name, [...seen.slice(-kept_per_name), { value, owner }]);
  }

  /** Takes the texts of an answer by the names of their fields. */
  readAnswer(text: string, owner: string): void {
    for (const [name, value] of textsIn(JSON.parse(text))) this.add(names[name] ?? name, value, owner);
  }

  /** A value of this name, mostly one of the owner's; of one that was never seen, its name. */
  find(name: string, place: number, owner: string | null): string {
    if (name.startsWith('edited-')) return edited(this.find(name.slice('edited-'.length), place, owner), place);
    const all = this.#by_name.get(name) ?? [];
    const own = all.filter((one) => one.owner === owner || one.owner === '');
    const seen = own.length > 0 && place % 4 > 0 ? own : all;
    return seen[Math.floor(place / 4) % seen.length]?.value ?? name;
  }
}

/** The value with one of its characters changed, or cut off. */
function edited(value: string, place: number): string {
  if (place % 3 === 0) return value.slice(0, -1);
  const at = (place * 7) % Math.max(1, value.length);
  return `${value.slice(0, at)}${value[at] === 'A' ? 'B' : 'A'}${value.slice(at + 1)}`;
}

const members = z.record(z.string(), z.unknown());

function textsIn(value: unknown, name = ''): [string, string][] {
  if (typeof value === 'string') return name === '' ? [] : [[name, value]];
  if (Array.isArray(value)) return value.flatMap((item) => textsIn(item, name));
  const { data = {} } = members.safeParse(value);
  return Object.entries(data).flatMap(([field, inner]) => textsIn(inner, field));
}

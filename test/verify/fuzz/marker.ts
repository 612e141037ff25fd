/*
 * What a generated request says before it is sent: the places that a value of this very run will take. So a request can be shrunk and
 * printed, and still reuses what was answered before.
 */

/** Stands for a value that has been seen under this name. */
export function seenValue(name: string, place: number): string {
  return `«${name}:${place}»`;
}

/** What answers name and requests can name again. */
const reusable = [
  'account_id',
  'member',
  'entry_id',
  'hold_id',
  'cursor',
  'id',
  'key',
  'feature',
  'plan',
  'pack',
  'description',
];

export function isReusable(name: string): boolean {
  return reusable.includes(name);
}

/** Stands for JSON that is written as it is. */
export function rawJson(name: RawName): string {
  return `«raw ${name}»`;
}

const deep = 20_000;

/** What JSON.stringify never writes, or what would make a printed request unreadable. */
const raws = {
  infinite: '1e400',
  'minus zero': '-0',
  'one as a float': '1.0',
  'a hundred': '1e2',
  'beyond 2^53': '9007199254740993',
  hexadecimal: '0x10',
  octal: '010',
  'not a number': 'NaN',
  undefined: 'undefined',
  nothing: '',
  'half a pair': '"\\ud800"',
  'zero byte': '"\\u0000"',
  'deep arrays': `${'['.repeat(deep)}${']'.repeat(deep)}`,
  'deep objects': `${'{"a":'.repeat(deep / 4)}1${'}'.repeat(deep / 4)}`,
  'over 64 KiB': `"${'x'.repeat(66_000)}"`,
  'nearly 64 KiB': `"${'x'.repeat(65_000)}"`,
  'many fields': JSON.stringify(Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`f${index}`, 1]))),
  'a field twice': '{"amount": 1, "amount": 2}',
} as const;

export type RawName = keyof typeof raws;

function isRawName(name: string): name is RawName {
  return Object.hasOwn(raws, name);
}

export const raw_names = Object.keys(raws).filter(isRawName);

export function isMarker(text: string): boolean {
  return /^«[\w-]+:\d+»$/.test(text);
}

/** Finds the value that a marker stands for. */
export type FindValue = (name: string, place: number) => string;

const markers = /«([\w-]+):(\d+)»/g;

/** The text with each value in its marker's place, written as `write` says. */
export function fillIn(text: string, find: FindValue, write: (value: string) => string): string {
  return text.replace(markers, (_, name: string, place: string) => write(find(name, Number(place))));
}

/** The JSON text with values and raw JSON in the places of their markers. */
export function fillInJson(json: string, find: FindValue): string {
  const filled = fillIn(json, find, (value) => JSON.stringify(value).slice(1, -1));
  return filled.replace(/"?«raw ([^»]+)»"?/g, (_, name: string) => (isRawName(name) ? raws[name] : name));
}

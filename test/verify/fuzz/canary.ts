/** What a canary is hidden in. */
export type CanaryPlace = 'account' | 'subject' | 'description' | 'key' | 'member' | 'feature';

/**
 * A text that only the data of one owner has. It fits everywhere, also where only lower-case
 * letters and `_` are taken.
 */
export function toCanary(owner: string, what: CanaryPlace): string {
  return `cnry_${owner}_${what}_x`;
}

export interface FoundCanary {
  readonly canary: string;
  readonly owner: string;
  readonly what: string;
}

/** All canaries in a text. */
export function findCanaries(text: string): FoundCanary[] {
  return [...text.matchAll(/cnry_([0-9a-z]+)_([a-z]+)_x/g)].map(([canary, owner = '', what = '']) => ({
    canary,
    owner,
    what,
  }));
}

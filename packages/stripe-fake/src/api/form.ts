/** A form value: text, or a structure made of brackets. */
export type FormValue = string | FormValue[] | { [key: string]: FormValue };

/** A decoded form. */
export type Form = { [key: string]: FormValue };

type Branch = Map<string, Branch | string>;

/** Deeper than any of Stripe's parameters. */
const MAX_DEPTH = 10;

/**
 * Decodes `a[b][0][c]=v&d[]=w` to `{a: {b: [{c: 'v'}]}, d: ['w']}`, for bodies and query strings.
 * Objects have no prototype, so a key like `__proto__` is only a key.
 */
export function decodeForm(encoded: string): Form {
  const root: Branch = new Map();
  for (const [name, value] of new URLSearchParams(encoded)) insert(root, splitName(name), value);
  return toObject(root);
}

/** The text of one field, or undefined. */
export function fieldOf(form: Form, name: string): string | undefined {
  const value = form[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function splitName(name: string): string[] {
  const bracket = name.indexOf('[');
  if (bracket <= 0 || !name.endsWith(']')) return [name];
  return [name.slice(0, bracket), ...name.slice(bracket + 1, -1).split('][')].slice(0, MAX_DEPTH);
}

function insert(root: Branch, path: string[], value: string): void {
  let branch = root;
  path.forEach((segment, depth) => {
    const key = segment === '' ? String(branch.size) : segment;
    if (depth === path.length - 1) {
      branch.set(key, value);
      return;
    }
    const existing = branch.get(key);
    const next: Branch = existing instanceof Map ? existing : new Map();
    branch.set(key, next);
    branch = next;
  });
}

function toValue(node: Branch | string): FormValue {
  if (typeof node === 'string') return node;
  const keys = [...node.keys()];
  if (keys.every((key) => /^\d+$/.test(key))) return [...node.values()].map(toValue);
  return toObject(node);
}

function toObject(branch: Branch): Form {
  const result: Form = Object.create(null);
  for (const [key, node] of branch) result[key] = toValue(node);
  return result;
}

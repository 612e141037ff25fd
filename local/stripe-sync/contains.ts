/**
 * Whether `existing` has everything that `wanted` says. `existing` may have more. Lists must have
 * the same number of elements, in any order.
 */
export function contains(existing: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(existing) || existing.length !== wanted.length) return false;
    return wanted.every((element) => existing.some((candidate) => contains(candidate, element)));
  }
  if (typeof wanted !== 'object' || wanted === null) return existing === wanted;
  if (typeof existing !== 'object' || existing === null) return false;
  const fields = new Map(Object.entries(existing));
  return Object.entries(wanted).every(([name, value]) => contains(fields.get(name), value));
}

/**
 * A `Date` whose present is `now()`: for `Date.now()`, `new Date()` and `Date()`. Every other use
 * is the real Date's, and instances are real Dates.
 */
export function shiftedDate(RealDate: DateConstructor, now: () => number): DateConstructor {
  const shifted = new Proxy(RealDate, {
    apply: () => new RealDate(now()).toString(),
    construct: (target, args, new_target) => Reflect.construct(target, args.length === 0 ? [now()] : args, new_target),
    get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  });
  // Libraries copy dates by date.constructor, so it must be the same Date.
  Object.defineProperty(RealDate.prototype, 'constructor', { value: shifted, configurable: true, writable: true });
  return shifted;
}

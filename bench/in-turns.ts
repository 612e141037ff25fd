/** The next item for each caller, which goes round through its own share. */
export function inTurns<T>(items: readonly T[], callers: number): (caller: number) => T {
  const shares = Array.from({ length: callers }, (_, caller) => items.filter((_item, n) => n % callers === caller));
  const turns = shares.map(() => 0);
  return (caller) => {
    const share = shares[caller] ?? [];
    const turn = turns[caller] ?? 0;
    turns[caller] = turn + 1;
    const item = share[turn % share.length];
    if (item === undefined) throw new Error(`caller ${caller} has no share`);
    return item;
  };
}

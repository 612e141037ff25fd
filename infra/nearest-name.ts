/**
 * The known name that somebody most likely meant by a misspelt one. Case, dashes and underscores
 * count for nothing: `app-url` and `APP_URL` are nearest to `appUrl`.
 */
export function nearestName(misspelt: string, known: readonly string[]): string | undefined {
  const plain = (name: string) => name.toLowerCase().replaceAll(/[-_]/g, '');
  const distances = known.map((name) => ({ name, distance: editDistance(plain(misspelt), plain(name)) }));
  return distances.sort((a, b) => a.distance - b.distance)[0]?.name;
}

/**
 * How many characters have to be added, removed or replaced to make one text the other
 * (Levenshtein).
 */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [line, letter] of Array.from(from).entries()) {
    const next = [line + 1];
    for (const [column, other] of Array.from(to).entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

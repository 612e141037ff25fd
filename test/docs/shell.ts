/**
 * What would go wrong when somebody pastes this block into an interactive bash or zsh. Empty when
 * nothing would.
 */
export function pastingProblems(code: string): string[] {
  const bare = withoutQuoted(code);
  if (typeof bare === 'string') return [bare];
  const problems = [];
  // zsh has no comments at its prompt: it runs the line as a command.
  if (bare.text.split('\n').some((line) => /(^|\s)#/.test(line))) problems.push('a comment');
  // An apostrophe inside a word opens a quotation that swallows all that follows.
  if (bare.apostrophe_in_word) problems.push('an apostrophe inside a word');
  // zsh refuses a pattern that matches no file.
  if (/[?*]|\[(?!\[| )/.test(bare.text.replaceAll(/\$[?*@#]/g, ''))) problems.push('a pattern outside of quotes');
  return problems;
}

/**
 * The code outside of quotes, where each quotation is a pair of quotes; or what is wrong with the
 * quotes.
 */
function withoutQuoted(code: string): { text: string; apostrophe_in_word: boolean } | string {
  let text = '';
  let open: string | null = null;
  let apostrophe_in_word = false;
  for (let at = 0; at < code.length; at += 1) {
    const char = code.charAt(at);
    if (char === '\\' && open !== "'") at += 1;
    else if (open !== null && char === open) {
      open = null;
      text += char;
    } else if (open === null && (char === "'" || char === '"')) {
      apostrophe_in_word ||= char === "'" && /\p{L}/u.test(code.charAt(at - 1));
      open = char;
      text += char;
    } else if (open === null) text += char;
  }
  return open === null ? { text, apostrophe_in_word } : `a quotation that is not closed (${open})`;
}

/** The variables that the code reads. Parameters of functions (`$1`, `$@`) are none. */
export function variablesRead(code: string): string[] {
  const outside_of_apostrophes = code.replaceAll(/(?<!")'[^']*'(?!")/g, '');
  return [...outside_of_apostrophes.matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(([, name = '']) => name);
}

/** The variables that the code sets. */
export function variablesSet(code: string): string[] {
  const assigned = [...code.matchAll(/(?:^|[\s;{(])([A-Za-z_]\w*)=/gm)].map(([, name = '']) => name);
  const read = [...code.matchAll(/\bread (?:-\w+ )*([A-Za-z_][\w ]*)/g)].map(([, names = '']) =>
    names.trim().split(/ +/),
  );
  return [...assigned, ...read.flat()];
}

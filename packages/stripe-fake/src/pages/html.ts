/** HTML that is safe to put into a page. */
export interface Html {
  html: string;
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/** A template that escapes its values, unless they are HTML already. */
export function html(parts: TemplateStringsArray, ...values: (string | number | Html | Html[])[]): Html {
  const rendered = values.map((value) => {
    if (Array.isArray(value)) return value.map((each) => each.html).join('');
    return typeof value === 'object' ? value.html : escapeText(String(value));
  });
  return { html: parts.map((part, i) => part + (rendered[i] ?? '')).join('') };
}

export const NOTHING: Html = { html: '' };

/** A whole page. */
export function page(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
  :root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5; }
  main { max-width: 30rem; margin: 3rem auto; padding: 0 1rem; }
  table { width: 100%; border-collapse: collapse; }
  td { padding: .4rem 0; border-bottom: 1px solid #8884; }
  td:last-child { text-align: right; }
  fieldset { border: 1px solid #8884; border-radius: .5rem; margin: 1rem 0; }
  label { display: block; padding: .2rem 0; }
  button { font: inherit; padding: .6rem 1.2rem; border: 0; border-radius: .5rem; background: #635bff; color: #fff; }
  input[type=email] { font: inherit; width: 100%; box-sizing: border-box; padding: .4rem; }
  .error { color: #c0123c; }
  .note { opacity: .7; font-size: .9rem; }
</style>
</head>
<body><main>
<p class="note">Local fake of Stripe: no money moves.</p>
${body}
</main></body>
</html>
`.html;
}

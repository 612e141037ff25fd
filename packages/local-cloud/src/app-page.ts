import type { HttpAnswer } from './http-server.ts';

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => escapes[character] ?? character);

const style = `
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #f6f7f9; color: #1a1f36;
    font: 16px/1.5 system-ui, sans-serif; }
  main { width: min(32rem, calc(100vw - 4rem)); padding: 2rem; background: #fff; border-radius: 12px;
    box-shadow: 0 1px 3px #0002; }
  h1 { margin: 0 0 .5rem; font-size: 1.25rem; }
  p { margin: 0 0 1rem; color: #4f566b; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0; }
  dt { color: #4f566b; } dd { margin: 0; overflow-wrap: anywhere; } code { font-size: .95em; }`;

/**
 * The stand-in for the customer's own app. Checkout and portal send people back there, and it shows
 * where they arrived.
 */
export function answerAppPage(path: string, query: string): HttpAnswer {
  const parameters = [...new URLSearchParams(query)]
    .map(([name, value]) => `<dt><code>${escapeHtml(name)}</code></dt><dd><code>${escapeHtml(value)}</code></dd>`)
    .join('');
  const body = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Your app</title><style>${style}</style></head>
<body><main>
<h1>Your app</h1>
<p>This page of the local cloud stands in for <code>${escapeHtml(path)}</code> of your own app.</p>
${parameters === '' ? '<p>It was opened without parameters.</p>' : `<dl>${parameters}</dl>`}
</main></body>
</html>
`;
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

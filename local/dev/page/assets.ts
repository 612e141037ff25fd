import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HttpAnswer } from '@billing-credits/local-cloud';
import { buildSync } from 'esbuild';

/**
 * Nothing but this page's own files and answers: no inline code, no other site, no frame around it.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const page_headers = {
  'cache-control': 'no-cache',
  'content-security-policy': policy,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const types = {
  'page.html': 'text/html; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const;

/** A file of the page as it lies here. */
export async function answerFile(name: keyof typeof types): Promise<HttpAnswer> {
  return asset(types[name], await readFile(join(import.meta.dirname, name)));
}

let script: string | undefined;

/**
 * The page's script: built when it is asked for first, since most starts of the local cloud do not
 * need it.
 */
export function answerScript(): HttpAnswer {
  script ??= buildScript();
  return asset('text/javascript; charset=utf-8', script);
}

function buildScript(): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(import.meta.dirname, 'client/main.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
  });
  return outputFiles.map(({ text }) => text).join('');
}

function asset(type: string, body: string | Uint8Array): HttpAnswer {
  return { status: 200, headers: { ...page_headers, 'content-type': type }, body };
}

/** JSON with a tag: a browser that has it already gets 304 and no body. */
export function answerTagged(value: unknown, known_tag: string | undefined): HttpAnswer {
  const body = JSON.stringify(value);
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  const headers = { ...page_headers, etag };
  if (known_tag === etag) return { status: 304, headers };
  return { status: 200, headers: { ...headers, 'content-type': 'application/json' }, body };
}

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** A Markdown page of this project. */
export interface Page {
  /** Relative to the project. */
  readonly file: string;
  readonly text: string;
  /** The text without fenced blocks. */
  readonly prose: string;
}

/** A fenced block of code. */
export interface Block {
  readonly language: string;
  readonly code: string;
}

const fence = /^ *```(\w*)\n([\s\S]*?)\n *```$/gm;

/** All pages that people read, in the order of their names. */
export function readPages(): Page[] {
  const files = globSync(
    ['*.md', 'llms.txt', 'docs/**/*.md', 'bench/*.md', 'shared/**/*.md', 'packages/*/*.md', 'test/**/*.md'],
    {
      cwd: root,
      exclude: ['**/node_modules/**'],
    },
  );
  return files.sort().map(readPage);
}

export function readPage(file: string): Page {
  const text = readFileSync(join(root, file), 'utf8');
  return { file, text, prose: text.replaceAll(fence, '') };
}

/** The blocks of the page in one language, in their order, without the indentation of a list. */
export function blocksOf({ text }: Pick<Page, 'text'>, language: string): Block[] {
  return [...text.matchAll(fence)]
    .map(([, found = '', code = '']) => ({ language: found, code: withoutIndent(code) }))
    .filter((block) => block.language === language);
}

function withoutIndent(code: string): string {
  const lines = code.split('\n');
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length);
  const least = Math.min(...indents);
  return lines.map((line) => line.slice(least)).join('\n');
}

/** The anchors of the page's headings, as GitHub makes them. */
export function anchorsOf({ prose }: Pick<Page, 'prose'>): string[] {
  return [...prose.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The targets of the page's links and images. */
export function linksOf({ prose }: Pick<Page, 'prose'>): string[] {
  const links = prose.replaceAll(/`[^`\n]*`/g, '').matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g);
  return [...links].map(([, of_markdown, of_html = '']) => of_markdown ?? of_html);
}

/** The tables' rows, as cells. A header comes first, then the line of dashes. */
export function tablesOf({ prose }: Pick<Page, 'prose'>): string[][][] {
  return [...prose.matchAll(/(?:^ *\|.*\|$\n?)+/gm)].map(([table]) =>
    table
      .trim()
      .split('\n')
      .map((row) =>
        row
          .trim()
          .slice(1, -1)
          .split(/(?<!\\)\|(?=(?:[^`]*`[^`]*`)*[^`]*$)/)
          .map((cell) => cell.trim()),
      ),
  );
}

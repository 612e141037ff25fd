import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withEngineEntries } from './engine-lock.ts';

const root = join(import.meta.dirname, '..');
const path = join(root, 'package-lock.json');
const manifest = await readFile(join(root, 'packages/local-cloud/package.json'), 'utf8');
await writeFile(path, withEngineEntries(await readFile(path, 'utf8'), manifest));

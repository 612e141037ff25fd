import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const copied = ['cdk.json', 'package.json', 'functions', 'infra', 'local', 'shared'];

/** This project with another configuration, as somebody who deploys it would have it. */
export interface ProjectCopy {
  readonly root: string;
  remove(): Promise<void>;
}

/** Copies the project and edits its billing.config.ts. */
export async function copyProject(edit: (config: string) => string): Promise<ProjectCopy> {
  const copy = await mkdtemp(join(tmpdir(), 'billing-credits-project-'));
  const config = await readFile(join(root, 'billing.config.ts'), 'utf8');
  await Promise.all([
    ...copied.map((name) => cp(join(root, name), join(copy, name), { recursive: true })),
    symlink(join(root, 'node_modules'), join(copy, 'node_modules')),
    writeFile(join(copy, 'billing.config.ts'), edit(config)),
  ]);
  return { root: copy, remove: () => rm(copy, { recursive: true, force: true }) };
}

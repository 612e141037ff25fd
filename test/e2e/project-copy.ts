import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BillingConfigInput } from '../../shared/config/billing-config.ts';

const root = join(import.meta.dirname, '../..');
const copied = ['cdk.json', 'package.json', 'functions', 'infra', 'local', 'shared'];

/** This project with another configuration, as somebody who deploys it would have it. */
export interface ProjectCopy {
  readonly root: string;
  remove(): Promise<void>;
}

/** Copies the project; the copy's billing.config.ts sells what is given. */
export async function copyProject(config: BillingConfigInput): Promise<ProjectCopy> {
  const copy = await mkdtemp(join(tmpdir(), 'billing-credits-project-'));
  const source = `import { defineBilling } from './shared/config/billing-config.ts';

export default defineBilling(${JSON.stringify(config)});
`;
  await Promise.all([
    ...copied.map((name) => cp(join(root, name), join(copy, name), { recursive: true })),
    symlink(join(root, 'node_modules'), join(copy, 'node_modules')),
    writeFile(join(copy, 'billing.config.ts'), source),
  ]);
  return { root: copy, remove: () => rm(copy, { recursive: true, force: true }) };
}

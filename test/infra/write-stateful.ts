import { writeFileSync } from 'node:fs';
import { STATEFUL_FILE, statefulResources } from './stateful.ts';

/*
 * Records the stateful resources of the stack as they are now:
 *
 *     npx node test/infra/write-stateful.ts
 */
writeFileSync(STATEFUL_FILE, `${JSON.stringify(statefulResources(), null, 2)}\n`);

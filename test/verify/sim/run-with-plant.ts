import { expect } from 'vitest';
import { runNode } from '../../run-node.ts';

/** Simulates with a planted fault, as `npm run sim -- --plant <name>` does. */
export const runWithPlant = (name: string, ...options: string[]) =>
  runNode(['test/verify/sim/main.ts', '--plant', name, ...options], {});

/** What a run answers that has found something. */
export const violation = { code: 1, stdout: expect.stringMatching(/^seed \d+ [\s\S]*Violation: I\d/) };

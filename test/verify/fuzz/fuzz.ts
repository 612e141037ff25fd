import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { type Step, sequencesFor } from './asks.ts';
import { readDocument } from './document.ts';
import { Knowledge } from './knowledge.ts';
import { Stage } from './stage.ts';
import { Tally } from './tally.ts';
import { Violation } from './violation.ts';
import type { Api } from './wire.ts';

export interface FuzzOptions {
  /** At least so many. */
  readonly requests: number;
  readonly seed: number;
  /** Whether a failure is made as short as possible, which takes some seconds (true). */
  readonly shrinks?: boolean;
}

/** A property did not hold. The message has the seed and the shortest requests that were found. */
export class FuzzFailed extends Error {
  readonly violation: Violation;

  constructor(message: string, violation: Violation) {
    super(message);
    this.name = 'FuzzFailed';
    this.violation = violation;
  }
}

/** So many sequences per seed: a failure is reproduced by its seed alone, in seconds. */
const sequences_per_seed = 10;

/**
 * Sends what the API's own OpenAPI document describes, nearly describes or does not describe at
 * all, until enough was sent, and judges every answer. Seeds are counted up from `seed`. Throws
 * `FuzzFailed`.
 */
export async function fuzz(api: Api, { requests, seed, shrinks = true }: FuzzOptions): Promise<Tally> {
  const operations = readDocument(await fetchDocument(api));
  const sequences = sequencesFor(operations);
  const run = randomBytes(4).toString('hex');
  const tally = new Tally();
  const knowledge = new Knowledge(run);
  let stages = 0;
  /** Of the sequence that failed last, which is the shortest: what was played of it. */
  let failed: readonly Step[] = [];

  async function play(steps: readonly Step[]): Promise<void> {
    stages += 1;
    tally.sequences += 1;
    await api.begin();
    const stage = new Stage({ api, operations, tally, knowledge, name: `${run}n${stages}` });
    let played = 0;
    try {
      await stage.open();
      for (const step of steps) {
        played += 1;
        await stage.play(step);
      }
      await stage.close();
    } catch (error) {
      failed = steps.slice(0, played);
      throw error;
    }
  }

  for (let round = 0; tally.requests < requests; round += 1) {
    const property = fc.asyncProperty(sequences, play);
    const details = await fc.check(property, {
      seed: seed + round,
      numRuns: sequences_per_seed,
      endOnFailure: !shrinks,
    });
    if (details.failed) throw failureOf(api, seed + round, details.errorInstance, failed);
  }
  return tally;
}

async function fetchDocument(api: Api): Promise<unknown> {
  const { text } = await api.send({ method: 'GET', target: '/api/openapi.json', headers: [], body: Buffer.alloc(0) });
  return JSON.parse(text);
}

function failureOf(api: Api, seed: number, error: unknown, steps: readonly Step[]): unknown {
  if (!(error instanceof Violation)) return error;
  const again = `npm run fuzz -- --requests 1 --seed ${seed} --level ${api.level}`;
  const lines = steps.map((step) => JSON.stringify(step));
  return new FuzzFailed([error.message, `after these requests, seed ${seed} (${again}):`, ...lines].join('\n'), error);
}

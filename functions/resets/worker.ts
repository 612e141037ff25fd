import { readEnvironment } from '../../shared/environment.ts';
import { compose } from '../composition.ts';
import { openSweepQueue } from './sweep-queue.ts';
import { sweepWorker } from './sweep-worker.ts';

const queue = openSweepQueue(readEnvironment('resets_queue_url').resets_queue_url);

export const handler = sweepWorker(compose('accounts', 'ledger'), queue);

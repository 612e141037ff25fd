import { compose } from '../functions/composition.ts';
import { timedSweep } from './sweep.ts';

/** Sweeps every shard, one after the other, and says after each how many accounts it has swept. */
const deps = compose('accounts', 'ledger');
let swept = 0;
for (let shard = 0; shard < deps.config.sweep.due_shards; shard += 1) {
  swept += (await timedSweep(deps, shard)).swept;
  process.send?.(swept);
}
process.disconnect();

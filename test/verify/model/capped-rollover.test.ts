import { test } from 'vitest';
import { agree, timeout_ms } from './agree.ts';
import { capped_rollover } from './catalogs.ts';
import { everywhere, with_grace, with_much_rollover, with_rollover } from './reached.ts';

test('domain and model agree when all credits roll over for a month, up to a cap', { timeout: timeout_ms }, () => {
  agree(capped_rollover, [...everywhere, ...with_grace, ...with_rollover, ...with_much_rollover]);
});

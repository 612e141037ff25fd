import { test } from 'vitest';
import { agree, timeout_ms } from './agree.ts';
import { shared_rollover } from './catalogs.ts';
import { everywhere, with_grace, with_rollover } from './reached.ts';

test('domain and model agree when a share rolls over for three months', { timeout: timeout_ms }, () => {
  agree(shared_rollover, [...everywhere, ...with_grace, ...with_rollover]);
});

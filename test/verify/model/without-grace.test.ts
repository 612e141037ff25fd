import { test } from 'vitest';
import { agree, timeout_ms } from './agree.ts';
import { without_grace } from './catalogs.ts';
import { everywhere } from './reached.ts';

test('domain and model agree when an unpaid renewal ends the allowance at once', {
  timeout: timeout_ms,
}, () => {
  agree(without_grace, [...everywhere, 'rollover', 'rollover lot expired']);
});

import { test } from 'vitest';
import { agree, timeout_ms } from './agree.ts';
import { without_grace } from './catalogs.ts';
import { everywhere } from './reached.ts';

test('the domain agrees with the model where an unpaid renewal ends the allowance at once', {
  timeout: timeout_ms,
}, () => {
  agree(without_grace, [...everywhere, 'rollover', 'rollover lot expired']);
});

import { test } from 'vitest';
import { agree, timeout_ms } from './agree.ts';
import { plain } from './catalogs.ts';
import { everywhere, with_grace } from './reached.ts';

test('domain and model agree when nothing rolls over', { timeout: timeout_ms }, () => {
  agree(plain, [...everywhere, ...with_grace, 'monthly lot expired under a hold']);
});

import { expect, test } from 'vitest';
import { defineBilling } from '../../shared/config/billing-config.ts';

test('billing.config.ts is valid', async () => {
  // The import fails with the schema's message, which names the field.
  const { default: own } = await import('../../billing.config.ts');
  expect(() => defineBilling(own)).not.toThrow();
});

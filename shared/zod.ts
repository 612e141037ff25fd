/**
 * zod in its functional form, with English messages. Compared with the form with methods it saves
 * each bundle 65 KB, and each cold start dozens of closures per schema: docs/measurements.md has
 * the figures.
 */

import { en } from 'zod/locales';
import * as z from 'zod/mini';

z.config(en());

export * from 'zod/mini';
export { $ZodError } from 'zod/v4/core';

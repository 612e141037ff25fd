import { defineBilling, InvalidBillingConfig } from '../shared/config/billing-config.ts';
import { billingApp } from './billing-app.ts';
import { InvalidSettings } from './settings.ts';

try {
  // Its author should read a mistake in the configuration, not a stack trace. The configuration is
  // checked here too, whatever the file exports.
  const { default: exported } = await import('#billing-config');
  const config = defineBilling(exported);
  const { httpRoutes } = await import('../shared/api/routes.ts');
  const { app, stack } = billingApp({ routes: httpRoutes(), app_urls: config.app_url });
  if (!stack.stage.is_local) {
    const { addTemplateChecks } = await import('./template-checks.ts');
    addTemplateChecks(app);
  }
  app.synth();
} catch (error) {
  if (!(error instanceof InvalidBillingConfig || error instanceof InvalidSettings)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

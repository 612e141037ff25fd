import { InvalidBillingConfig } from '../shared/config/billing-config.ts';
import { billingApp } from './billing-app.ts';
import { InvalidSettings } from './settings.ts';

try {
  // The configuration is checked when it is loaded: a mistake in it is its author's to read, not a stack trace.
  const { default: config } = await import('../billing.config.ts');
  const { httpRoutes } = await import('../shared/api/routes.ts');
  const { app, stack } = billingApp({ routes: httpRoutes(), app_url: config.app_url });
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

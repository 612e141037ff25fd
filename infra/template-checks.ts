import { type App, CloudFormationValidatePlugin, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';

// The engine takes a second to start, so all apps of a process share one.
const rules = new CloudFormationValidatePlugin();

/**
 * Makes the synthesis fail if a template breaks a rule of CloudFormation or of cdk-nag's
 * AwsSolutions, unless an acknowledgement beside the resource says why. The checks take longer than
 * the rest of the synthesis, so the local cloud goes without them.
 */
export function addTemplateChecks(app: App): void {
  Validations.of(app).addPlugins(
    { name: rules.name, validate: (context) => rules.validate(context) },
    new AwsSolutionsChecks(app),
  );
}

import { type App, CloudFormationValidatePlugin, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';

// The engine takes a second to start: one for all apps of a process.
const rules = new CloudFormationValidatePlugin();

/**
 * Lets synthesis fail when a template breaks a rule of CloudFormation or of cdk-nag's AwsSolutions and no acknowledgement beside
 * the resource says why. They take longer than the rest of the synthesis, so that the local cloud does without them.
 */
export function addTemplateChecks(app: App): void {
  Validations.of(app).addPlugins(
    { name: rules.name, validate: (context) => rules.validate(context) },
    new AwsSolutionsChecks(app),
  );
}

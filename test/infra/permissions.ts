import * as z from 'zod';
import { referred, type SynthesizedStack } from './synthesized-stack.ts';

const strings = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
export const policy_schema = z.object({
  Roles: z.array(z.unknown()),
  PolicyDocument: z.object({
    Statement: z.array(z.object({ Action: strings, Effect: z.literal('Allow'), Resource: z.unknown() })),
  }),
});

/** Every permission of the role with this name, as `action resource`. */
export function permissionsOf(stack: SynthesizedStack, role: string): string[] {
  return stack
    .all('AWS::IAM::Policy')
    .map(([, properties]) => policy_schema.parse(properties))
    .filter(({ Roles }) => referred(Roles).includes(role))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .flatMap(({ Action, Resource }) =>
      [Resource].flat().flatMap((resource) => Action.map((action) => `${action} ${resourceName(resource)}`)),
    );
}

/**
 * `LedgerTable`, `LedgerTable/index/by_seq`; whatever is no resource of the stack is shown as it
 * stands.
 */
function resourceName(resource: unknown): string {
  const [name] = referred(resource);
  if (!name) return JSON.stringify(resource);
  const suffix = /"(\/[^"]*)"/.exec(JSON.stringify(resource))?.[1] ?? '';
  return `${name}${suffix}`;
}

import { z } from 'zod';
import { TemplateNotSupported } from '../template.ts';

/** One statement of an identity-based policy. */
export interface Statement {
  effect: 'Allow' | 'Deny';
  /** `dynamodb:PutItem`; `*` and `?` are wildcards. */
  actions: string[];
  /** ARNs; `*` and `?` are wildcards. */
  resources: string[];
}

/** Why a role may do something or not. */
export type Verdict = 'allowed' | 'not_allowed' | 'denied';

const stringsSchema = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

/** Conditions, `NotAction`, `NotResource` and whatever else IAM has are refused, not ignored. */
const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: stringsSchema,
  Resource: stringsSchema,
});

const documentSchema = z.object({ Statement: z.union([z.array(z.unknown()), z.unknown().transform((one) => [one])]) });

/**
 * The statements of a policy document whose references are resolved. `owner` names the policy in
 * the message. Throws `TemplateNotSupported` with the text of a statement that cannot be evaluated
 * here.
 */
export function readStatements(document: unknown, owner: string): Statement[] {
  return documentSchema.parse(document).Statement.map((given) => {
    const { success, data } = statementSchema.safeParse(given);
    const text = JSON.stringify(given);
    // `${aws:username}` and the like.
    if (!success || text.includes('${')) throw new TemplateNotSupported(`in ${owner} the statement ${text}`);
    return { effect: data.Effect, actions: data.Action, resources: data.Resource };
  });
}

/** IAM's rule: a denial wins over every permission, and what nothing allows is not allowed. */
export function evaluate(statements: readonly Statement[], action: string, resource: string): Verdict {
  const matching = statements.filter(
    ({ actions, resources }) =>
      // IAM ignores the case of actions, not of resources.
      actions.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
      resources.some((pattern) => matches(pattern, resource)),
  );
  if (matching.some(({ effect }) => effect === 'Deny')) return 'denied';
  return matching.length > 0 ? 'allowed' : 'not_allowed';
}

function matches(pattern: string, text: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === text;
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

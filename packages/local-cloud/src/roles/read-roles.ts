import { z } from 'zod';
import { nameResources } from '../physical-names.ts';
import { type Resolve, resolverOf, resourcesOf, type Template, TemplateNotSupported } from '../template.ts';
import { readStatements, type Statement } from './statement.ts';

/** What a function runs as. */
export interface Role {
  name: string;
  statements: Statement[];
}

const functionSchema = z.object({ Role: z.string() });

/** A role's own policies. What else could add or take permissions is refused. */
const roleSchema = z.object({
  Policies: z.array(z.object({ PolicyName: z.string(), PolicyDocument: z.unknown() })).default([]),
  ManagedPolicyArns: z.tuple([]).default([]),
  PermissionsBoundary: z.never('permissions boundaries do not exist here').optional(),
});

const policySchema = z.object({ PolicyDocument: z.unknown(), Roles: z.array(z.string()).default([]) });

/**
 * A role, a policy and a table have no address, so their names are the same whatever the addresses
 * are.
 */
const no_addresses = { api_url: '', aws_url: '' };

/**
 * The role of each function, by the function's name. Throws `TemplateNotSupported` where the
 * template does not say all that a role may do, or says it in a way that is not evaluated here.
 */
export function readRoles(template: Template): Map<string, Role> {
  const physical = nameResources(template, no_addresses);
  const resolve = resolverOf(template, physical);
  const role_names = new Map(
    resourcesOf(template, 'AWS::IAM::Role').map(([id]) => {
      const { ref = id, attributes = {} } = physical.get(id) ?? {};
      return [attributes.Arn, { id, name: ref }];
    }),
  );
  return new Map(
    resourcesOf(template, 'AWS::Lambda::Function').map(([id, properties]) => {
      const role = role_names.get(functionSchema.parse({ Role: resolve(properties.Role) }).Role);
      if (role === undefined) throw new TemplateNotSupported(`for ${id} a role of another stack`);
      const statements = [...ownStatements(template, role.id, resolve), ...attached(template, role.name, resolve)];
      return [physical.get(id)?.ref ?? id, { name: role.name, statements }];
    }),
  );
}

function ownStatements(template: Template, role_id: string, resolve: Resolve): Statement[] {
  const given = Object.entries(template.Resources[role_id]?.Properties ?? {});
  const relevant = Object.fromEntries(given.filter(([name]) => name in roleSchema.shape));
  const { success, data, error } = roleSchema.safeParse(resolve(relevant));
  if (!success) throw new TemplateNotSupported(`in ${role_id} (AWS::IAM::Role): ${z.prettifyError(error)}`);
  return data.Policies.flatMap(({ PolicyName, PolicyDocument }) =>
    readStatements(PolicyDocument, `${role_id}, ${PolicyName}`),
  );
}

/** Of the policies that stand beside the role. */
function attached(template: Template, role_name: string, resolve: Resolve): Statement[] {
  return resourcesOf(template, 'AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy').flatMap(([id, properties]) => {
    const { Roles } = policySchema.pick({ Roles: true }).parse({ Roles: resolve(properties.Roles) });
    return Roles.includes(role_name) ? readStatements(resolve(properties.PolicyDocument), id) : [];
  });
}

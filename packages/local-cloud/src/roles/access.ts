import { account_number } from '../template.ts';
import type { Permission } from './needed-permissions.ts';
import type { Role } from './read-roles.ts';
import { evaluate, type Verdict } from './statement.ts';

/** The caller's role does not allow the call. The message is IAM's. */
export class AccessDenied extends Error {
  constructor(function_name: string, role: Role, { action, resource }: Permission, verdict: Verdict) {
    const user = `arn:aws:sts::${account_number}:assumed-role/${role.name}/${function_name}`;
    // SQS writes its actions in lower case.
    const written = action.startsWith('sqs:') ? action.toLowerCase() : action;
    const reason =
      verdict === 'denied'
        ? 'with an explicit deny in an identity-based policy'
        : `because no identity-based policy allows the ${written} action`;
    super(`User: ${user} is not authorized to perform: ${written} on resource: ${resource} ${reason}`);
    this.name = 'AccessDenied';
  }
}

/** The call names no function of the template. */
export class UnknownCaller extends Error {
  constructor() {
    super('The security token included in the request is invalid.');
    this.name = 'UnknownCaller';
  }
}

/** Tells by the roles of the template what each function may do. */
export class Access {
  readonly #roles: ReadonlyMap<string, Role>;

  /** `roles` by the function's name. */
  constructor(roles: ReadonlyMap<string, Role>) {
    this.#roles = roles;
  }

  /** Throws `AccessDenied` for the first permission that the function lacks, or `UnknownCaller`. */
  check(function_name: string, needed: readonly Permission[]): void {
    const role = this.#roles.get(function_name);
    if (role === undefined) throw new UnknownCaller();
    for (const permission of needed) {
      const verdict = evaluate(role.statements, permission.action, permission.resource);
      if (verdict !== 'allowed') throw new AccessDenied(function_name, role, permission, verdict);
    }
  }
}

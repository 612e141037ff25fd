import { z } from 'zod';

/** One resource of a CloudFormation template. */
const resourceSchema = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
});

export const templateSchema = z.object({
  Resources: z.record(z.string(), resourceSchema),
  Parameters: z.record(z.string(), z.object({ Default: z.unknown().optional() })).default({}),
});

export type Template = z.infer<typeof templateSchema>;

/** CloudFormation's view of a resource: its `Ref`, and the attributes of `Fn::GetAtt`. */
export interface PhysicalResource {
  ref: string;
  attributes: Record<string, string>;
}

/** The template asks for something that the local cloud does not have. */
export class TemplateNotSupported extends Error {
  constructor(what: string) {
    super(`the template uses ${what}, which the local cloud does not know`);
    this.name = 'TemplateNotSupported';
  }
}

export const region = 'us-east-1';
export const account_number = '000000000000';

const pseudo_parameters: Record<string, string | undefined> = {
  'AWS::AccountId': account_number,
  'AWS::Region': region,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'local',
  'AWS::StackId': `arn:aws:cloudformation:${region}:${account_number}:stack/local/local`,
  'AWS::NoValue': undefined,
};

/**
 * The readable part of a logical id: CDK appends eight hexadecimal digits to the construct's path.
 */
export function readableName(logical_id: string): string {
  return logical_id.replace(/[0-9A-F]{8}$/, '') || logical_id;
}

/** Logical ids of the resources of one of these types, in the template's order. */
export function resourcesOf(template: Template, ...types: string[]): [string, Record<string, unknown>][] {
  return Object.entries(template.Resources)
    .filter(([, resource]) => types.includes(resource.Type))
    .map(([id, resource]) => [id, resource.Properties]);
}

/** Replaces intrinsic functions by values. */
export type Resolve = (value: unknown) => unknown;

const pairSchema = z.tuple([z.string(), z.unknown()]);
const joinSchema = z.tuple([z.string(), z.array(z.unknown())]);
const selectSchema = z.tuple([z.coerce.number(), z.unknown()]);
const splitSchema = z.tuple([z.string(), z.unknown()]);
const substitutionSchema = z.union([z.string(), z.tuple([z.string(), z.record(z.string(), z.unknown())])]);

/**
 * CloudFormation's intrinsic functions over `physical` resources: Ref, Fn::GetAtt, Fn::Join,
 * Fn::Sub, Fn::Select, Fn::Split and the pseudo parameters. Throws `TemplateNotSupported` for any
 * other.
 */
export function resolverOf(template: Template, physical: ReadonlyMap<string, PhysicalResource>): Resolve {
  const reference = (id: string): unknown => {
    if (Object.hasOwn(pseudo_parameters, id)) return pseudo_parameters[id];
    const resource = physical.get(id);
    if (resource !== undefined) return resource.ref;
    const parameter = template.Parameters[id];
    if (parameter?.Default !== undefined) return parameter.Default;
    throw new TemplateNotSupported(`Ref ${id}`);
  };
  const attribute = (id: string, name: string): string => {
    const value = physical.get(id)?.attributes[name];
    if (value === undefined) throw new TemplateNotSupported(`Fn::GetAtt ${id}.${name}`);
    return value;
  };
  const substitute = (text: string, variables: Record<string, unknown>): string =>
    text.replace(/\$\{([^}]+)\}/g, (_, name: string) => {
      if (name.startsWith('!')) return `\${${name.slice(1)}}`;
      if (Object.hasOwn(variables, name)) return String(resolve(variables[name]));
      const dot = name.indexOf('.');
      return String(dot < 0 ? reference(name) : attribute(name.slice(0, dot), name.slice(dot + 1)));
    });
  const intrinsic = (name: string, argument: unknown): unknown => {
    switch (name) {
      case 'Ref':
        return reference(z.string().parse(argument));
      case 'Fn::GetAtt': {
        const [id, key] = pairSchema.parse(typeof argument === 'string' ? argument.split(/\.(.*)/, 2) : argument);
        return attribute(id, String(resolve(key)));
      }
      case 'Fn::Join': {
        const [separator, parts] = joinSchema.parse(resolve(argument));
        return parts.join(separator);
      }
      case 'Fn::Sub': {
        const given = substitutionSchema.parse(argument);
        return typeof given === 'string' ? substitute(given, {}) : substitute(given[0], given[1]);
      }
      case 'Fn::Select': {
        const [index, list] = selectSchema.parse(resolve(argument));
        return z.array(z.unknown()).parse(list)[index];
      }
      case 'Fn::Split': {
        const [separator, text] = splitSchema.parse(resolve(argument));
        return String(text).split(separator);
      }
      default:
        throw new TemplateNotSupported(name);
    }
  };
  const resolve: Resolve = (value) => {
    if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== undefined);
    if (value === null || typeof value !== 'object') return value;
    const entries = Object.entries(value);
    const [only] = entries;
    if (only !== undefined && entries.length === 1 && (only[0] === 'Ref' || only[0].startsWith('Fn::'))) {
      return intrinsic(only[0], only[1]);
    }
    return Object.fromEntries(
      entries.map(([key, item]) => [key, resolve(item)]).filter(([, item]) => item !== undefined),
    );
  };
  return resolve;
}

import { account_number, type PhysicalResource, readableName, region, type Template } from './template.ts';

/** Where the parts of the local cloud that have an address listen. */
export interface Addresses {
  /** The HTTP API, e.g. `http://127.0.0.1:4000`. */
  api_url: string;
  /** The endpoint of SQS and Secrets Manager. */
  aws_url: string;
}

type Naming = (name: string, properties: Record<string, unknown>, addresses: Addresses) => PhysicalResource;

export const arn = (service: string, rest: string): string => `arn:aws:${service}:${region}:${account_number}:${rest}`;

const named = (properties: Record<string, unknown>, property: string, otherwise: string): string => {
  const given = properties[property];
  return typeof given === 'string' ? given : otherwise;
};

const nameTable: Naming = (name, properties) => {
  const table = named(properties, 'TableName', name);
  return { ref: table, attributes: { Arn: arn('dynamodb', `table/${table}`) } };
};

const nameFunction: Naming = (name, properties) => {
  const lambda = named(properties, 'FunctionName', name);
  return { ref: lambda, attributes: { Arn: arn('lambda', `function:${lambda}`) } };
};

const nameQueue: Naming = (name, properties, { aws_url }) => {
  const suffix = properties.FifoQueue === true ? '.fifo' : '';
  const queue = named(properties, 'QueueName', `${name}${suffix}`);
  return {
    ref: `${aws_url}/${account_number}/${queue}`,
    attributes: { Arn: arn('sqs', queue), QueueName: queue, QueueUrl: `${aws_url}/${account_number}/${queue}` },
  };
};

const nameSecret: Naming = (name, properties) => {
  const secret_arn = arn('secretsmanager', `secret:${named(properties, 'Name', name)}-local`);
  return { ref: secret_arn, attributes: { Id: secret_arn } };
};

const nameApi: Naming = (name, _, { api_url }) => ({ ref: name, attributes: { ApiEndpoint: api_url } });

const nameRole: Naming = (name, properties) => {
  const role = named(properties, 'RoleName', name);
  return { ref: role, attributes: { Arn: `arn:aws:iam::${account_number}:role/${role}` } };
};

/** Policies, log groups and whatever else has no life here: a name is enough. */
const nameOther: Naming = (name) => ({ ref: name, attributes: { Arn: arn('local', name) } });

const naming_by_type: Record<string, Naming> = {
  'AWS::DynamoDB::GlobalTable': nameTable,
  'AWS::DynamoDB::Table': nameTable,
  'AWS::Lambda::Function': nameFunction,
  'AWS::SQS::Queue': nameQueue,
  'AWS::SecretsManager::Secret': nameSecret,
  'AWS::IAM::Role': nameRole,
  'AWS::ApiGatewayV2::Api': nameApi,
};

/**
 * Gives every resource the physical name that it has on this machine: its logical id without CDK's
 * hash, where that is unique.
 */
export function nameResources(template: Template, addresses: Addresses): Map<string, PhysicalResource> {
  const ids = Object.keys(template.Resources);
  const uses = new Map<string, number>();
  for (const id of ids) uses.set(readableName(id), (uses.get(readableName(id)) ?? 0) + 1);
  return new Map(
    Object.entries(template.Resources).map(([id, resource]) => {
      const name = uses.get(readableName(id)) === 1 ? readableName(id) : id;
      return [id, (naming_by_type[resource.Type] ?? nameOther)(name, resource.Properties, addresses)];
    }),
  );
}

import { describe, expect, it } from 'vitest';
import { Access, UnknownCaller } from '../src/roles/access.ts';
import { neededPermissions } from '../src/roles/needed-permissions.ts';
import { checkPolling } from '../src/roles/polling.ts';
import { readRoles } from '../src/roles/read-roles.ts';
import { evaluate, readStatements, type Statement } from '../src/roles/statement.ts';
import { readSystem } from '../src/system.ts';
import { TemplateNotSupported } from '../src/template.ts';
import { smallTemplate } from './small-template.ts';

const table = 'arn:aws:dynamodb:us-east-1:000000000000:table/NotesTable';
const allow = (actions: string[], resources: string[]): Statement => ({ effect: 'Allow', actions, resources });
const deny = (actions: string[], resources: string[]): Statement => ({ effect: 'Deny', actions, resources });

describe('a call is judged by its role’s statements', () => {
  const put = 'dynamodb:PutItem';

  it.each<[string, Statement[], string]>([
    ['no statement', [], 'not_allowed'],
    ['the action on the resource', [allow([put], [table])], 'allowed'],
    ['one of several', [allow(['dynamodb:GetItem', put], ['arn:other', table])], 'allowed'],
    ['the action in another case', [allow(['DynamoDB:putitem'], [table])], 'allowed'],
    ['another action', [allow(['dynamodb:UpdateItem'], [table])], 'not_allowed'],
    ['another resource', [allow([put], [`${table}s`])], 'not_allowed'],
    ['the resource in another case', [allow([put], [table.toUpperCase()])], 'not_allowed'],
    ['an index of the resource', [allow([put], [`${table}/index/*`])], 'not_allowed'],
    ['wildcards', [allow(['dynamodb:Put*'], ['arn:aws:dynamodb:*:*:table/Notes?able'])], 'allowed'],
    ['everything', [allow(['*'], ['*'])], 'allowed'],
    ['a wildcard that ends elsewhere', [allow(['dynamodb:*Items'], ['*'])], 'not_allowed'],
    ['a full stop, which is no wildcard', [allow([put], [table.replace('T', '.')])], 'not_allowed'],
    ['a denial after a permission', [allow(['*'], ['*']), deny([put], ['*'])], 'denied'],
    ['a denial before a permission', [deny(['dynamodb:*'], [table]), allow(['*'], ['*'])], 'denied'],
    ['a denial of something else', [allow(['*'], ['*']), deny([put], ['arn:other'])], 'allowed'],
  ])('with %s', (_, statements, verdict) => {
    expect(evaluate(statements, put, table)).toBe(verdict);
  });
});

describe('a statement that cannot be evaluated stops the start and is quoted', () => {
  const known = { Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: table };

  it.each<[string, object]>([
    ['a condition', { ...known, Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['a'] } } }],
    ['all actions but some', { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }],
    ['all resources but some', { Effect: 'Allow', Action: '*', NotResource: table }],
    ['a policy variable', { ...known, Resource: `${table}/\${aws:username}` }],
    ['no action', { Effect: 'Allow', Resource: table }],
    ['an effect that does not exist', { ...known, Effect: 'Maybe' }],
  ])('%s', (_, statement) => {
    const read = () => readStatements({ Statement: [known, statement] }, 'NotesPolicy');
    expect(read).toThrow(TemplateNotSupported);
    expect(read).toThrow(`in NotesPolicy the statement ${JSON.stringify(statement)}`);
  });

  it('a single statement need not stand in a list', () => {
    expect(readStatements({ Statement: known }, 'NotesPolicy')).toEqual([allow(['dynamodb:GetItem'], [table])]);
  });
});

describe('the roles of a template', () => {
  const changed = (change: object) => {
    const template = smallTemplate('https://issuer');
    Object.assign(template.Resources.RoleFC434594?.Properties ?? {}, change);
    return template;
  };

  it('are found by their functions, with the statements of their policies', () => {
    expect(Object.fromEntries(readRoles(smallTemplate('https://issuer')))).toEqual({
      Notes: {
        name: 'Role',
        statements: [
          allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [table]),
          allow(['dynamodb:Query'], [`${table}/index/by_due`]),
          allow(
            ['sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
            ['arn:aws:sqs:us-east-1:000000000000:EventsQueue.fifo'],
          ),
          allow(
            ['secretsmanager:GetSecretValue'],
            ['arn:aws:secretsmanager:us-east-1:000000000000:secret:ApiKey-local'],
          ),
        ],
      },
    });
  });

  it('include inline policies', () => {
    const Statement = [{ Effect: 'Deny', Action: '*', Resource: '*' }];
    const template = changed({ Policies: [{ PolicyName: 'own', PolicyDocument: { Statement } }] });
    expect(readRoles(template).get('Notes')?.statements[0]).toEqual(deny(['*'], ['*']));
  });

  it.each<[string, object]>([
    ['a managed policy', { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess'] }],
    ['a permissions boundary', { PermissionsBoundary: 'arn:aws:iam::aws:policy/PowerUserAccess' }],
  ])('with %s are refused', (_, change) => {
    expect(() => readRoles(changed(change))).toThrow(/RoleFC434594 \(AWS::IAM::Role\)/);
  });

  it('of another stack are refused', () => {
    const template = smallTemplate('https://issuer');
    Object.assign(template.Resources.NotesC4345940?.Properties ?? {}, { Role: 'arn:aws:iam::1:role/shared' });
    expect(() => readRoles(template)).toThrow('for NotesC4345940 a role of another stack');
  });
});

describe('the permissions that a call needs', () => {
  const other = table.replace('Notes', 'Other');
  const QueueUrl = 'http://127.0.0.1:4009/000000000000/EventsQueue.fifo';
  const queue = 'arn:aws:sqs:us-east-1:000000000000:EventsQueue.fifo';
  const parts = [
    { Put: { TableName: 'NotesTable' } },
    { Update: { TableName: 'NotesTable' } },
    { Delete: { TableName: 'OtherTable' } },
    { ConditionCheck: { TableName: other } },
  ];

  it.each<[string, object, string[]]>([
    ['DynamoDB_20120810.GetItem', { TableName: 'NotesTable' }, [`dynamodb:GetItem ${table}`]],
    ['DynamoDB_20120810.PutItem', { TableName: table }, [`dynamodb:PutItem ${table}`]],
    ['DynamoDB_20120810.Query', { TableName: 'NotesTable' }, [`dynamodb:Query ${table}`]],
    [
      'DynamoDB_20120810.Query',
      { TableName: 'NotesTable', IndexName: 'by_due' },
      [`dynamodb:Query ${table}/index/by_due`],
    ],
    [
      'DynamoDB_20120810.BatchGetItem',
      { RequestItems: { NotesTable: {}, OtherTable: {} } },
      [`dynamodb:BatchGetItem ${table}`, `dynamodb:BatchGetItem ${other}`],
    ],
    [
      'DynamoDB_20120810.TransactWriteItems',
      { TransactItems: parts },
      [
        `dynamodb:PutItem ${table}`,
        `dynamodb:UpdateItem ${table}`,
        `dynamodb:DeleteItem ${other}`,
        `dynamodb:ConditionCheckItem ${other}`,
      ],
    ],
    [
      'DynamoDB_20120810.TransactGetItems',
      { TransactItems: [{ Get: { TableName: 'NotesTable' } }] },
      [`dynamodb:GetItem ${table}`],
    ],
    ['AmazonSQS.SendMessage', { QueueUrl }, [`sqs:SendMessage ${queue}`]],
    ['AmazonSQS.SendMessageBatch', { QueueUrl }, [`sqs:SendMessage ${queue}`]],
    ['secretsmanager.GetSecretValue', { SecretId: 'arn:secret' }, ['secretsmanager:GetSecretValue arn:secret']],
  ])('%s of %j', (target, input, needed) => {
    expect(neededPermissions(target, input)?.map(({ action, resource }) => `${action} ${resource}`)).toEqual(needed);
  });

  it('are unknown for an operation that is not in the table', () => {
    expect(neededPermissions('DynamoDB_20120810.ExecuteStatement', {})).toBeUndefined();
    expect(neededPermissions('constructor', {})).toBeUndefined();
  });
});

describe('a function without permission', () => {
  const access = new Access(readRoles(smallTemplate('https://issuer')));

  it('is refused in IAM’s own words', () => {
    const user = 'User: arn:aws:sts::000000000000:assumed-role/Role/Notes is not authorized to perform: ';
    expect(() => access.check('Notes', [{ action: 'dynamodb:Scan', resource: table }])).toThrow(
      `${user}dynamodb:Scan on resource: ${table} because no identity-based policy allows the dynamodb:Scan action`,
    );
    expect(() => access.check('Notes', [{ action: 'sqs:SendMessage', resource: 'arn:q' }])).toThrow(
      `${user}sqs:sendmessage on resource: arn:q because no identity-based policy allows the sqs:sendmessage action`,
    );
    const denying = new Access(new Map([['Notes', { name: 'Role', statements: [deny(['*'], ['*'])] }]]));
    expect(() => denying.check('Notes', [{ action: 'dynamodb:Scan', resource: table }])).toThrow(
      `${user}dynamodb:Scan on resource: ${table} with an explicit deny in an identity-based policy`,
    );
  });

  it('is refused the whole call when a part is missing', () => {
    const get = { action: 'dynamodb:GetItem', resource: table };
    expect(() => access.check('Notes', [get])).not.toThrow();
    expect(() => access.check('Notes', [get, { ...get, action: 'dynamodb:UpdateItem' }])).toThrow(/UpdateItem/);
  });

  it('is unknown if it does not exist', () => {
    expect(() => access.check('Nobody', [])).toThrow(UnknownCaller);
  });
});

describe('a queue is polled in the name of its function', () => {
  const { event_sources, functions } = readSystem(smallTemplate('https://issuer'), { api_url: '', aws_url: '' });

  it('which its role has to allow', () => {
    const roles = readRoles(smallTemplate('https://issuer'));
    expect(() => checkPolling(event_sources, functions, new Access(roles))).not.toThrow();
    for (const statement of roles.get('Notes')?.statements ?? []) {
      statement.actions = statement.actions.filter((action) => action !== 'sqs:DeleteMessage');
    }
    expect(() => checkPolling(event_sources, functions, new Access(roles))).toThrow(
      /not authorized to perform: sqs:deletemessage on resource: .*:EventsQueue\.fifo/,
    );
  });
});

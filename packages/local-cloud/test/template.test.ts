import { describe, expect, it } from 'vitest';
import { readSystem } from '../src/system.ts';
import { resolverOf, TemplateNotSupported, templateSchema } from '../src/template.ts';
import { smallTemplate } from './small-template.ts';

const addresses = { api_url: 'http://127.0.0.1:4000', aws_url: 'http://127.0.0.1:4009' };

describe('the template’s intrinsic functions', () => {
  const template = templateSchema.parse({ Resources: {}, Parameters: { Given: { Default: 'a,b' } } });
  const physical = new Map([['Table', { ref: 'Notes', attributes: { Arn: 'arn:notes' } }]]);
  const resolve = resolverOf(template, physical);

  it.each([
    [{ Ref: 'Table' }, 'Notes'],
    [{ Ref: 'Given' }, 'a,b'],
    [{ Ref: 'AWS::AccountId' }, '000000000000'],
    [{ 'Fn::GetAtt': ['Table', 'Arn'] }, 'arn:notes'],
    [{ 'Fn::GetAtt': 'Table.Arn' }, 'arn:notes'],
    [{ 'Fn::Join': ['/', ['x', { Ref: 'Table' }]] }, 'x/Notes'],
    [{ 'Fn::Sub': '${AWS::Partition}:${Table.Arn}:${!Literal}' }, 'aws:arn:notes:${Literal}'],
    [{ 'Fn::Sub': ['${Name}', { Name: { Ref: 'Table' } }] }, 'Notes'],
    [{ 'Fn::Select': [1, { 'Fn::Split': [',', { Ref: 'Given' }] }] }, 'b'],
    [[{ Ref: 'AWS::NoValue' }, 1], [1]],
    [{ kept: 1, gone: { Ref: 'AWS::NoValue' } }, { kept: 1 }],
  ])('%j resolves to %j', (given, expected) => {
    expect(resolve(given)).toEqual(expected);
  });

  it.each([[{ 'Fn::ImportValue': 'x' }], [{ Ref: 'Nothing' }], [{ 'Fn::GetAtt': ['Table', 'StreamArn'] }]])(
    '%j is refused, because its value is unknown',
    (given) => {
      expect(() => resolve(given)).toThrow(TemplateNotSupported);
    },
  );
});

describe('the template', () => {
  const system = readSystem(smallTemplate('https://issuer'), addresses);

  it('gives functions their environment, resolved', () => {
    expect(system.functions).toMatchObject([
      {
        name: 'Notes',
        code_key: 'notes.zip',
        timeout_s: 5,
        environment: {
          NOTES_TABLE: 'NotesTable',
          EVENTS_QUEUE_URL: 'http://127.0.0.1:4009/000000000000/EventsQueue.fifo',
          API_KEY_SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:ApiKey-local',
          BUCKET: 'notes-us-east-1',
        },
      },
    ]);
  });

  it('connects routes, authorizers, queues, event sources and schedules', () => {
    const [notes] = system.functions;
    expect(system.routes.map(({ route_key, scopes, authorizer }) => [route_key, scopes, authorizer?.issuer])).toEqual([
      ['GET /api/health', [], undefined],
      ['GET /api/notes/{note_id}', [], 'https://issuer'],
      ['POST /api/accounts/{account_id}/notes', ['notes:service', 'notes/service'], 'https://issuer'],
    ]);
    expect(new Set(system.routes.map(({ function_arn }) => function_arn))).toEqual(new Set([notes?.arn]));
    const [dead, events] = system.queues;
    expect(events).toMatchObject({ fifo: true, redrive: { dead_letter_arn: dead?.arn, max_receive_count: 2 } });
    expect(system.event_sources).toMatchObject([{ queue_arn: events?.arn, function: 'Notes', batch_size: 10 }]);
    expect(system.schedules).toMatchObject([{ expression: 'rate(1 hour)', target_arn: notes?.arn }]);
  });

  it('is refused where it would run differently here than deployed', () => {
    const template = smallTemplate('https://issuer');
    const source = template.Resources.EventsSource1E7197C1;
    Object.assign(source?.Properties ?? {}, { FilterCriteria: { Filters: [] } });
    expect(() => readSystem(template, addresses)).toThrow(/EventsSource1E7197C1.*FilterCriteria/s);
  });
});

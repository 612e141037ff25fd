import { type Template, templateSchema } from '../src/template.ts';

/** A template in the shape that CDK gives, small enough to be read. */
export function smallTemplate(issuer: string): Template {
  return templateSchema.parse({
    Parameters: { BootstrapVersion: { Type: 'String', Default: '/cdk-bootstrap/version' } },
    Resources: {
      NotesTableD925BC7E: {
        Type: 'AWS::DynamoDB::GlobalTable',
        Properties: {
          AttributeDefinitions: [
            { AttributeName: 'note_id', AttributeType: 'S' },
            { AttributeName: 'due_shard', AttributeType: 'N' },
            { AttributeName: 'due_at', AttributeType: 'N' },
          ],
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [{ AttributeName: 'note_id', KeyType: 'HASH' }],
          GlobalSecondaryIndexes: [
            {
              IndexName: 'by_due',
              KeySchema: [
                { AttributeName: 'due_shard', KeyType: 'HASH' },
                { AttributeName: 'due_at', KeyType: 'RANGE' },
              ],
              Projection: { ProjectionType: 'KEYS_ONLY' },
            },
          ],
          Replicas: [{ Region: { Ref: 'AWS::Region' } }],
          TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
        },
      },
      EventsDeadLettersD1FAA4AD: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } },
      EventsQueue63C6E3AB: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          FifoQueue: true,
          RedrivePolicy: {
            deadLetterTargetArn: { 'Fn::GetAtt': ['EventsDeadLettersD1FAA4AD', 'Arn'] },
            maxReceiveCount: 2,
          },
          VisibilityTimeout: 60,
        },
      },
      ApiKey2765B176: { Type: 'AWS::SecretsManager::Secret', Properties: { GenerateSecretString: {} } },
      RoleFC434594: { Type: 'AWS::IAM::Role', Properties: {} },
      RoleDefaultPolicy5FFB7DAB: {
        Type: 'AWS::IAM::Policy',
        Properties: {
          PolicyDocument: {
            Statement: [
              {
                Action: ['dynamodb:GetItem', 'dynamodb:PutItem'],
                Effect: 'Allow',
                Resource: { 'Fn::GetAtt': ['NotesTableD925BC7E', 'Arn'] },
              },
              {
                Action: 'dynamodb:Query',
                Effect: 'Allow',
                Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['NotesTableD925BC7E', 'Arn'] }, '/index/by_due']] },
              },
              {
                Action: ['sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
                Effect: 'Allow',
                Resource: { 'Fn::GetAtt': ['EventsQueue63C6E3AB', 'Arn'] },
              },
              { Action: 'secretsmanager:GetSecretValue', Effect: 'Allow', Resource: { Ref: 'ApiKey2765B176' } },
            ],
          },
          Roles: [{ Ref: 'RoleFC434594' }],
        },
      },
      NotesC4345940: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Handler: 'index.handler',
          Code: { S3Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}-${AWS::Region}' }, S3Key: 'notes.zip' },
          Role: { 'Fn::GetAtt': ['RoleFC434594', 'Arn'] },
          Timeout: 5,
          MemorySize: 256,
          Environment: {
            Variables: {
              NOTES_TABLE: { Ref: 'NotesTableD925BC7E' },
              EVENTS_QUEUE_URL: { Ref: 'EventsQueue63C6E3AB' },
              API_KEY_SECRET_ARN: { Ref: 'ApiKey2765B176' },
              BUCKET: { 'Fn::Join': ['-', ['notes', { Ref: 'AWS::Region' }]] },
            },
          },
        },
      },
      EventsSource1E7197C1: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          BatchSize: 10,
          EventSourceArn: { 'Fn::GetAtt': ['EventsQueue63C6E3AB', 'Arn'] },
          FunctionName: { Ref: 'NotesC4345940' },
          FunctionResponseTypes: ['ReportBatchItemFailures'],
        },
      },
      ApiF70053CD: {
        Type: 'AWS::ApiGatewayV2::Api',
        Properties: {
          CorsConfiguration: {
            AllowOrigins: ['https://app.example.com'],
            AllowMethods: ['GET', 'POST'],
            AllowHeaders: ['authorization'],
            MaxAge: 3600,
          },
          ProtocolType: 'HTTP',
        },
      },
      SignIn046D4791: {
        Type: 'AWS::ApiGatewayV2::Authorizer',
        Properties: {
          AuthorizerType: 'JWT',
          IdentitySource: ['$request.header.Authorization'],
          JwtConfiguration: { Issuer: issuer, Audience: ['billing-credits'] },
        },
      },
      NotesIntegration92F342A1: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: { 'Fn::GetAtt': ['NotesC4345940', 'Arn'] },
          PayloadFormatVersion: '2.0',
        },
      },
      ...routes({
        'GET /api/health': {},
        'GET /api/notes/{note_id}': jwt([]),
        'POST /api/accounts/{account_id}/notes': jwt(['notes:service', 'notes/service']),
      }),
      HourlyEEE027F4: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: {
          ScheduleExpression: 'rate(1 hour)',
          State: 'ENABLED',
          Target: {
            Arn: { 'Fn::GetAtt': ['NotesC4345940', 'Arn'] },
            Input: '{"at":"<aws.scheduler.scheduled-time>"}',
          },
        },
      },
    },
  });
}

const jwt = (scopes: string[]) => ({
  AuthorizationType: 'JWT',
  AuthorizerId: { Ref: 'SignIn046D4791' },
  AuthorizationScopes: scopes,
});

function routes(by_key: Record<string, object>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(by_key).map(([route_key, authorization], index) => [
      `Route${index}`,
      {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          RouteKey: route_key,
          Target: { 'Fn::Join': ['', ['integrations/', { Ref: 'NotesIntegration92F342A1' }]] },
          ...authorization,
        },
      },
    ]),
  );
}

export { JwtAuthorizers } from './authorizer.ts';
export { addDuration, type Clock, VirtualClock, WrongTime } from './clock.ts';
export { type Cloud, type CloudOptions, startCloud } from './cloud.ts';
export type { Companion, CompanionOptions, StartCompanion } from './companion.ts';
export {
  chooseEngine,
  type Database,
  type DatabaseChoice,
  type DatabaseEngine,
  type DatabaseKind,
  missingEngine,
  startDatabase,
} from './database.ts';
export { DatabaseNotAvailable } from './database-not-available.ts';
export { InMemoryDynamoDb } from './dynamodb/in-memory-dynamodb.ts';
export { type DynamoDbServer, type DynamoDbServerOptions, serveDynamoDb } from './dynamodb/serve.ts';
export { Gateway } from './gateway.ts';
export type { Addresses } from './ground.ts';
export {
  type HttpAnswer,
  type HttpRequest,
  type HttpServer,
  type Middleware,
  PortInUse,
  startHttpServer,
} from './http-server.ts';
export { createIssuer, type Issuer } from './issuer.ts';
export { invalid, type LocalCall, type LocalRoute, readBody } from './local-route.ts';
export { jsonAnswer, type Problem, Refused } from './problem.ts';
export type { Queue } from './queue.ts';
export { SavedStateUnreadable } from './saved-state.ts';
export { type CdkApp, SynthesisFailed, type Synthesized, type SynthesizeOptions, synthesize } from './synthesize.ts';
export type { RouteSpec } from './system.ts';
export { createTables, tableVariables } from './tables.ts';
export { type Template, TemplateNotSupported } from './template.ts';

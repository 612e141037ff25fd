import { host_environment, readOptions } from '../../local/options.ts';

/** What DYNAMODB says for this test run: `auto` where it says nothing. */
export const wanted_database = readOptions({ DYNAMODB: host_environment.DYNAMODB }, []).database;

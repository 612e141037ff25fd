/**
 * Options of Node, for the environment of every process that tests start: it reads
 * test/billing.config.ts (package.json, `imports`).
 */
export const node_options = '--conditions=billing-test';

import type { ApiFunctionName } from '../shared/api/routes.ts';

/** How a function is deployed. */
export interface FunctionDeclaration {
  /** The file that exports its `handler`, from the project's root. */
  readonly entry: string;
  readonly description: string;
  readonly timeout_seconds: number;
  readonly memory_mb: number;
}

/**
 * Every Lambda function of the system, declared once: bundles, size checks, names and deployed
 * sizes come from here. The functions that serve the API are those that the routes name.
 */
export const functions = {
  checkout: {
    entry: 'functions/checkout/index.ts',
    description: 'Plans, checkout, customer portal, subscription',
    // A silent Stripe is a 502 after 12.5 s (two tries of 6 s and a pause); several slow calls are
    // one after 18 s (functions/checkout/patience.ts). With 9 s for a database at its third try
    // that is 27 s: below the 27.75 s at which the function answers 503, and the 30 s after which
    // API Gateway gives up.
    timeout_seconds: 28,
    memory_mb: 1024,
  },
  credits: {
    entry: 'functions/credits/index.ts',
    description: 'Balance, deductions, holds, grants, refunds, the ledger and its verification',
    // A verification reads a whole ledger.
    timeout_seconds: 28,
    memory_mb: 1024,
  },
  access: {
    entry: 'functions/access/index.ts',
    description: 'Features of plans, overrides, usage counters',
    timeout_seconds: 10,
    memory_mb: 1024,
  },
  admin: {
    entry: 'functions/admin/index.ts',
    description: 'For operators: Stripe events that could not be placed, reconciliation with Stripe',
    timeout_seconds: 28,
    memory_mb: 1024,
  },
  webhook: {
    entry: 'functions/webhook/receiver.ts',
    description: 'Verifies the signature of Stripe events and puts them on the queue',
    timeout_seconds: 10,
    memory_mb: 1024,
  },
  'webhook-event-bus': {
    entry: 'functions/webhook/event-bus.ts',
    description: 'Puts Stripe events that come through EventBridge on the queue',
    timeout_seconds: 10,
    memory_mb: 512,
  },
  'webhook-worker': {
    entry: 'functions/webhook/worker.ts',
    description: 'Applies Stripe events to accounts',
    // Twice the most that one event takes (functions/webhook/event-worker.ts), so a slow event
    // leaves time for another.
    timeout_seconds: 140,
    memory_mb: 1024,
  },
  'resets-dispatcher': {
    entry: 'functions/resets/dispatcher.ts',
    description: 'Starts a sweep: one message per due shard',
    timeout_seconds: 30,
    memory_mb: 512,
  },
  'resets-worker': {
    entry: 'functions/resets/worker.ts',
    description: 'Rolls the accounts forward for which something falls due',
    timeout_seconds: 120,
    memory_mb: 1024,
  },
  'reconciliation-dispatcher': {
    entry: 'functions/reconciliation/dispatcher.ts',
    description: 'Starts a reconciliation with Stripe',
    timeout_seconds: 30,
    memory_mb: 512,
  },
  'reconciliation-worker': {
    entry: 'functions/reconciliation/worker.ts',
    description: 'Looks for what Stripe has and the accounts do not know',
    // Enough for several of the pages that functions/reconciliation/run-reconciliation.ts reads;
    // the rest goes into another message.
    timeout_seconds: 300,
    memory_mb: 1024,
  },
} as const satisfies Record<ApiFunctionName, FunctionDeclaration> & Record<string, FunctionDeclaration>;

export type FunctionName = keyof typeof functions;

const isFunctionName = (name: string): name is FunctionName => Object.hasOwn(functions, name);

/** The names, in the order of their declaration. */
export const function_names: readonly FunctionName[] = Object.keys(functions).filter(isFunctionName);

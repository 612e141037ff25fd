import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import { billingApp } from '../../infra/billing-app.ts';
import { httpRoutes } from '../../shared/api/routes.ts';

const resource_schema = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
});

const template_schema = z.object({
  Resources: z.record(z.string(), resource_schema),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })),
});

export type Resource = z.output<typeof resource_schema>;

/** A context with which no code is bundled. */
export const WITHOUT_BUNDLES = { 'aws:cdk:bundling-stacks': [] };

export const GIVEN_ISSUER = { issuer: 'https://sign-in.example.com', audience: 'billing-app' };

const synthesized = new Map<string, SynthesizedStack>();

/** The template that a CDK context gives, read as plain data. Tests share it: nobody changes it. */
export class SynthesizedStack {
  readonly resources: Readonly<Record<string, Resource>>;
  readonly outputs: Readonly<Record<string, { Value?: unknown }>>;

  /** The stack of a context, synthesized once per process. Throws what the synthesis throws. */
  static of(context: Record<string, string> = {}): SynthesizedStack {
    const key = JSON.stringify(Object.entries(context).toSorted(([a], [b]) => a.localeCompare(b)));
    const known = synthesized.get(key) ?? new SynthesizedStack(context);
    synthesized.set(key, known);
    return known;
  }

  private constructor(context: Record<string, string>) {
    const outdir = mkdtempSync(join(tmpdir(), 'billing-infra-'));
    try {
      const { stack } = billingApp({
        routes: httpRoutes(),
        app_urls: ['https://app.example.com'],
        outdir,
        context: { ...WITHOUT_BUNDLES, ...context },
      });
      const template = template_schema.parse(Template.fromStack(stack).toJSON());
      this.resources = template.Resources;
      this.outputs = template.Outputs;
    } finally {
      rmSync(outdir, { recursive: true, force: true });
    }
  }

  /** All resources of a type as [logical id, properties]. */
  all(type: string): [id: string, properties: Resource['Properties']][] {
    return Object.entries(this.resources)
      .filter(([, resource]) => resource.Type === type)
      .map(([id, { Properties }]) => [id, Properties]);
  }

  /** The logical ids of a type, without the hash that CDK adds. */
  names(type: string): string[] {
    return this.all(type)
      .map(([id]) => nameOf(id))
      .sort();
  }

  /** The one resource of a type whose logical id without hash is this name. */
  one(type: string, name: string): Resource {
    const found = Object.entries(this.resources).filter(
      ([id, resource]) => resource.Type === type && nameOf(id) === name,
    );
    const [resource] = found.map(([, value]) => value);
    if (found.length !== 1 || !resource) throw new Error(`${found.length} resources ${type} with the name ${name}`);
    return resource;
  }
}

/** `CreditsRoleB4118E9B` → `CreditsRole`. */
export function nameOf(logical_id: string): string {
  return logical_id.replace(/[0-9A-F]{8}$/, '');
}

/**
 * The names of the resources to which a value of a template refers, in order:
 * `{Ref: 'Credits0D98A246'}` → `['Credits']`.
 */
export function referred(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referred);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref' && typeof inner === 'string') return inner.startsWith('AWS::') ? [] : [nameOf(inner)];
    if (key === 'Fn::GetAtt' && Array.isArray(inner)) return [nameOf(String(inner[0]))];
    return referred(inner);
  });
}

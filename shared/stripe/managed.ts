/**
 * The metadata of everything that `npm run stripe:sync` makes. An object without it is somebody
 * else's, and left alone.
 */
export const managed = { managed_by: 'billing-credits' } as const;

export function isManaged(metadata: Readonly<Record<string, string>> | null | undefined): boolean {
  return metadata?.managed_by === managed.managed_by;
}

/** The route of a request. */
export interface RouteMatch<R> {
  route: R;
  path_parameters: Record<string, string>;
}

interface Pattern<R> {
  route: R;
  /** `ANY` matches every method. */
  method: string;
  segments: string[];
}

/** Fixed text, then a variable, then a greedy one: API Gateway's preference, segment by segment. */
function rank(segment: string): number {
  if (!segment.startsWith('{')) return 0;
  return segment.endsWith('+}') ? 2 : 1;
}

function compare(a: Pattern<unknown>, b: Pattern<unknown>): number {
  for (const [index, segment] of a.segments.entries()) {
    const other = b.segments[index];
    if (other === undefined) break;
    if (rank(segment) !== rank(other)) return rank(segment) - rank(other);
  }
  return Number(a.method === 'ANY') - Number(b.method === 'ANY');
}

/** Finds routes as an HTTP API does. */
export class RouteTable<R extends { route_key: string }> {
  readonly #patterns: Pattern<R>[];
  readonly #default: R | null;

  constructor(routes: readonly R[]) {
    this.#default = routes.find(({ route_key }) => route_key === '$default') ?? null;
    this.#patterns = routes
      .filter(({ route_key }) => route_key !== '$default')
      .map((route) => {
        const [method = '', path = ''] = route.route_key.split(' ');
        return { route, method, segments: path.split('/') };
      })
      .sort(compare);
  }

  /**
   * The most specific route for the still encoded path. Throws `URIError` for a path parameter with
   * broken percent-encoding.
   */
  find(method: string, path: string): RouteMatch<R> | null {
    const segments = path.split('/');
    for (const pattern of this.#patterns) {
      if (pattern.method !== 'ANY' && pattern.method !== method) continue;
      const path_parameters = matchSegments(pattern.segments, segments);
      if (path_parameters !== null) return { route: pattern.route, path_parameters };
    }
    return this.#default === null ? null : { route: this.#default, path_parameters: {} };
  }
}

function matchSegments(pattern: string[], segments: string[]): Record<string, string> | null {
  const raw = new Map<string, string>();
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index];
    if (segment === undefined) return null;
    if (rank(expected) === 2) {
      raw.set(expected.slice(1, -2), segments.slice(index).join('/'));
      return decodeAll(raw);
    }
    if (rank(expected) === 0) {
      if (expected !== segment) return null;
    } else {
      if (segment === '') return null;
      raw.set(expected.slice(1, -1), segment);
    }
  }
  return pattern.length === segments.length ? decodeAll(raw) : null;
}

function decodeAll(raw: Map<string, string>): Record<string, string> {
  return Object.fromEntries([...raw].map(([name, value]) => [name, decodeURIComponent(value)]));
}

import { validationFailed } from '../../shared/api/problem.ts';

/** Stripe replaces this by the session's id. It knows the placeholder only unescaped. */
const session_placeholder = '{CHECKOUT_SESSION_ID}';

/**
 * The absolute URL of a path below the app's URL. A path that leaves the app's URL (`/..`) is
 * `validation_failed`, so that a payment page sends nobody to a foreign place.
 */
export function urlInApp(app_url: string, path: string, field: string): string {
  const { origin, pathname } = new URL(app_url);
  const prefix = pathname.replace(/\/$/, '');
  const url = new URL(`${origin}${prefix}${path}`);
  if (url.origin !== origin || !url.pathname.startsWith(`${prefix}/`)) {
    throw validationFailed({ path: `body.${field}`, message: 'must be a path below the app URL' });
  }
  return url.href.replaceAll(encodeURI(session_placeholder), session_placeholder);
}

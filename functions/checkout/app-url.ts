import { validationFailed } from '../../shared/api/problem.ts';

/** Stripe puts the session's id in its place, and knows it only unescaped. */
const session_placeholder = '{CHECKOUT_SESSION_ID}';

/**
 * The absolute URL of a path below the app's URL. A path that climbs out of it (`/..`) is `validation_failed`: nobody is sent from
 * a payment page to a place that is not the app's.
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

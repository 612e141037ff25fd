import type { Form } from '../api/form.ts';
import type { World } from '../world.ts';
import { answerCheckout } from './answer-checkout.ts';
import { answerPortal } from './answer-portal.ts';
import { html, page } from './html.ts';
import type { PageAnswer } from './page-answer.ts';

interface PageOptions {
  world: World;
  settled: () => Promise<void>;
}

/**
 * The pages that a browser opens: `/c/pay/<checkout session>` and `/p/session/<portal session>`.
 */
export async function answerPage(
  { world, settled }: PageOptions,
  method: string,
  path: string,
  form: Form,
): Promise<PageAnswer> {
  const [, area = '', noun = '', id = ''] = path.split('/');
  if (`${area}/${noun}` === 'c/pay') {
    const session = world.store.checkout_sessions.get(id);
    if (session !== undefined) return answerCheckout(world, session, method, form, settled);
  }
  if (`${area}/${noun}` === 'p/session') {
    const session = world.store.portal_sessions.get(id);
    if (session !== undefined) return answerPortal(world, session, method, form);
  }
  return { status: 404, html: page('Not found', html`<h1>There is nothing here</h1>`) };
}

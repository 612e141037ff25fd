import type { HttpAnswer, HttpRequest, Middleware } from '@billing-credits/local-cloud';
import { routes } from '../../../shared/api/routes.ts';
import type { LocalCloud } from '../../cloud.ts';
import type { Options } from '../../options.ts';
import { answerFile, answerScript, answerTagged } from './assets.ts';
import { PageSource } from './page-source.ts';

type AnswerPage = (request: HttpRequest) => Promise<HttpAnswer> | HttpAnswer;

/** The page of `npm run dev`, at `/`. It listens to the webhooks that come by. */
export function homePage(cloud: LocalCloud, options: Options): Middleware {
  const source = new PageSource(cloud, options);
  const pages: Record<string, AnswerPage> = {
    '/': () => answerFile('page.html'),
    '/_local/page/page.css': () => answerFile('page.css'),
    '/_local/page/icon.svg': () => answerFile('icon.svg'),
    '/_local/page/page.js': () => answerScript(),
    '/_local/page/state': async ({ headers }) => answerTagged(await source.read(), headers['if-none-match']?.[0]),
  };
  return async (request, next) => {
    const path = request.target.replace(/\?.*$/s, '');
    const is_read = request.method === 'GET' || request.method === 'HEAD';
    if (is_read && Object.hasOwn(pages, path)) return pages[path]?.(request) ?? next();
    const answer = await next();
    if (request.method === 'POST' && path === routes.stripe_webhook.path)
      source.noteWebhook(request.body, answer.status);
    return answer;
  };
}

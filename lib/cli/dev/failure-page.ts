/** What `rxscgi dev` answers itself while the application cannot: a page for a browser, plain text for others. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { reasonPhraseOf } from '../../core/response/reason-phrases.js';

/** What is wrong with the application. */
export interface Failure {
  /** One line. */
  readonly message: string;
  /** The error's stack, and those of its causes; safe to print. */
  readonly lines: readonly string[];
}

/** By this field of its request, a page asks for news; it contains what the page has seen. Other sites cannot send it unasked. */
export const NEWS_FIELD = 'rxscgi-news-after';

interface Page {
  readonly status: number;
  readonly title: string;
  readonly text: string;
  readonly lines?: readonly string[];
  /** What the page has seen: it reloads itself when there is something newer. */
  readonly seen?: string;
}

/** Why a request is not forwarded, although nothing is known to be wrong. */
const UNAVAILABLE = {
  late: 'It did not accept the request in time: is its start() still waiting for something?',
  full: 'Too many requests are waiting for it already.',
  over: 'rxscgi dev is ending.',
} as const;

/**
 * Answers that the application does not run. Only a browser on this machine is told why, because a stack shows paths and code.
 *
 * @param isTrusted - whether the request comes from this machine, by a name of this machine.
 */
export function answerFailure(
  request: IncomingMessage,
  response: ServerResponse,
  { message, lines }: Failure,
  { isTrusted, seen }: { readonly isTrusted: boolean; readonly seen: string },
): void {
  const title = 'The application does not run';
  const page = isTrusted
    ? { text: message, lines, ...(request.method === 'GET' ? { seen } : {}) }
    : { text: 'The terminal of rxscgi dev says why.' };
  send(request, response, { status: 500, title, ...page });
}

/** Answers that the application is not there, and that another try may help. */
export function answerUnavailable(
  request: IncomingMessage,
  response: ServerResponse,
  why: keyof typeof UNAVAILABLE,
): void {
  response.setHeader('Retry-After', '1');
  send(request, response, { status: 503, title: 'The application is not ready', text: UNAVAILABLE[why] });
}

/** Answers with a status alone: the request was at fault, or the application, which runs. */
export function answerStatus(request: IncomingMessage, response: ServerResponse, status: number): void {
  const title = reasonPhraseOf(status);
  send(request, response, { status, title, text: 'The terminal of rxscgi dev says why.' });
}

function send(request: IncomingMessage, response: ServerResponse, page: Page): void {
  const { status, title, text, lines = [] } = page;
  const isBrowser = request.headers.accept?.includes('text/html') === true;
  const nonce = crypto.randomUUID();
  const body = Buffer.from(isBrowser ? html(page, nonce) : [`${title}.`, text, ...lines, ''].join('\n'));
  response.writeHead(status, {
    'Content-Type': `text/${isBrowser ? 'html' : 'plain'}; charset=utf-8`,
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
    'Content-Security-Policy': `default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'`,
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(body);
}

function html({ title, text, lines = [], seen }: Page, nonce: string): string {
  const stack = lines.length === 0 ? '' : `<pre>${escapeHtml(lines.join('\n'))}</pre>`;
  const reload =
    seen === undefined
      ? ''
      : `<p class="soft">Save a file to start it again: this page then reloads by itself.</p>
<script nonce="${nonce}">${script(seen)}</script>`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
<main>
<h1>${title}</h1>
<p>${escapeHtml(text)}</p>
${stack}
${reload}
</main>
</html>
`;
}

/** Asks until there is news. The server answers late; when it is gone, the page asks once a second. */
function script(seen: string): string {
  return `
(async () => {
  for (;;) {
    try {
      const { status } = await fetch(location.href, { cache: 'no-store', headers: { '${NEWS_FIELD}': '${seen}' } });
      if (status === 204) break;
    } catch {}
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  location.reload();
})();
`;
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; background: light-dark(#fbfaf8, #16181d); color: light-dark(#22252b, #e6e4df); }
main { max-width: 60rem; margin: 0 auto; padding: 3rem 1.25rem; border-top: 4px solid #d32f2f; }
h1 { font-size: 1.5rem; margin: 0 0 0.5rem; color: light-dark(#b71c1c, #ef9a9a); }
p { overflow-wrap: anywhere; }
pre { overflow-x: auto; padding: 1rem; border-radius: 0.5rem; background: light-dark(#fff, #1e2128);
  border: 1px solid light-dark(#e3e0da, #31353f); font: 0.875rem/1.6 ui-monospace, Menlo, Consolas, monospace; }
.soft { color: light-dark(#68707d, #98a0ad); }
`;

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

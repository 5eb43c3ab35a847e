/** An HTTP client for the gateways, with a new connection for each request. */
import { request as httpRequest } from 'node:http';
import { writeAll } from './write-all.mjs';

/**
 * Uploads chunks with backpressure.
 *
 * @param chunks - an iterable of `length` bytes in all.
 * @returns a Promise of the response, which resolves at its head.
 */
export function upload(url, chunks, length) {
  const request = httpRequest(url, { method: 'POST', agent: false, headers: { 'Content-Length': length } });
  const response = new Promise((resolve, reject) => {
    request.once('response', resolve).on('error', reject);
  });
  void writeAll(request, chunks).then((all) => all && request.end());
  return response;
}

/** @returns `{ status, text, complete, error, ms }`; connection errors are the `error`, never thrown. */
export function get(url, { timeoutMs = 30_000 } = {}) {
  const started = performance.now();
  return new Promise((resolve) => {
    const done = (result) => resolve({ ms: performance.now() - started, ...result });
    const request = httpRequest(url, { agent: false, timeout: timeoutMs }, async (response) => {
      try {
        done({ status: response.statusCode, text: await textOf(response), complete: response.complete });
      } catch (error) {
        done({ status: response.statusCode, complete: false, error: error.code ?? error.message });
      }
    });
    request.on('timeout', () => request.destroy(new Error('no answer within the time')));
    request.on('error', (error) => done({ complete: false, error: error.code ?? error.message }));
    request.end();
  });
}

export async function textOf(stream) {
  let text = '';
  for await (const chunk of stream) text += chunk.toString('latin1');
  return text;
}

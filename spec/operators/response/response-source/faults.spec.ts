import { createReadStream, type ReadStream } from 'node:fs';
import type { ScgiResponse } from '../../../../lib/operators/types.js';
import { expectNoProcessFaults } from '../../../helpers/faults/process-faults.js';
import { respond } from '../../../helpers/virtual-time/responses/respond.js';
import { turns } from '../../../helpers/virtual-time/responses/response-bodies.js';

const HEAD = 'Status: 200 OK\r\n\r\n';

expectNoProcessFaults();

describe('a file that cannot be opened, as a body that is not sent', () => {
  it.each<[string, Omit<ScgiResponse, 'body'>, string]>([
    ['the answer to HEAD', {}, 'HEAD'],
    ['a 204', { status: 204 }, 'GET'],
    ['a response whose head is refused', { headers: { 'Bad Name': 'x' } }, 'GET'],
  ])('should not be an error for anybody: %s', async (_what, head, requestMethod) => {
    const body = createReadStream('/there/is/no/such/file');
    const closed = closeOf(body);
    respond({ ...head, body }, { requestMethod });
    await closed;
    expect(body.destroyed).toBe(true);
  });

  it('should error the response where it is sent', async () => {
    const body = createReadStream('/there/is/no/such/file');
    const { sent } = respond({ body });
    await closeOf(body);
    await turns();
    expect(sent).toEqual([HEAD, expect.objectContaining({ code: 'ENOENT' })]);
  });
});

describe('a body that does not keep to what its methods promise', () => {
  it.each([
    ['an iterable without an iterator', { [Symbol.iterator]: () => null }],
    ['an async iterable without an iterator', { [Symbol.asyncIterator]: () => null }],
    ['an iterator without next()', { [Symbol.asyncIterator]: () => ({}) }],
    ['a stream whose reader is nothing', { getReader: () => null }],
    ['a reader that gives nothing', { getReader: () => ({ read: () => null, cancel: () => undefined }) }],
  ])('should error the response: %s', async (_kind, body) => {
    const { sent } = respond({ body: body as unknown as Iterable<string> });
    await turns();
    expect(sent.at(-1)).toEqual({ code: 'ERR_SCGI_BODY_TYPE' });
  });
});

describe('an iterator whose next() gives no object', () => {
  const wrong = { next: () => undefined };
  const later = { next: () => Promise.resolve(null) };

  it.each([
    ['an iterable', { [Symbol.iterator]: () => wrong }],
    ['an async iterable', { [Symbol.asyncIterator]: () => later }],
    ['an async iterable, at once', { [Symbol.asyncIterator]: () => wrong }],
  ])('should error the response: %s', async (_kind, body) => {
    const { sent } = respond({ body: body as unknown as Iterable<string> });
    await turns();
    expect(sent.at(-1)).toEqual({ code: 'ERR_SCGI_BODY_TYPE' });
  });
});

function closeOf(stream: ReadStream): Promise<void> {
  return new Promise((resolve) => stream.once('close', () => resolve()));
}

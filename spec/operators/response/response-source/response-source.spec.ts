import type { ScgiResponse } from '../../../../lib/operators/types.js';
import { expectNoProcessFaults } from '../../../helpers/faults/process-faults.js';
import { respond } from '../../../helpers/virtual-time/responses/respond.js';
import { LATER_BODIES, turns } from '../../../helpers/virtual-time/responses/response-bodies.js';
import { pauseOutput } from '../../../helpers/virtual-time/play-flow.js';

const HEAD = 'Status: 200 OK\r\n\r\n';

expectNoProcessFaults();

describe.each(Object.entries(LATER_BODIES))('a body from %s', (kind, make) => {
  /** Node's Readable reads ahead by one. */
  const ahead = kind === 'a Node Readable' ? 1 : 0;
  const pulls = (count: number): string[] => Array.from({ length: count }, () => 'pull');

  it('should go out chunk by chunk, each when it comes, and end', async () => {
    const { body, give, end, log } = make();
    const { sent } = respond({ body });
    expect(sent).toEqual([HEAD]);
    await give('aa');
    expect(sent).toEqual([HEAD, 'aa']);
    await give(Uint8Array.of(0x62));
    await end();
    expect(sent).toEqual([HEAD, 'aa', 'b', '|']);
    expect(log).toEqual(pulls(3));
  });

  it('should be empty when it ends at once', async () => {
    const { body, end } = make();
    const { sent } = respond({ body });
    await end();
    expect(sent).toEqual([HEAD, '|']);
  });

  it('should be pulled only while the output is not paused', async () => {
    const { body, give, log } = make();
    const { sent, flow } = respond({ body });
    pauseOutput(flow, true);
    await give('aa');
    // Asked for before the pause, it goes out; no other is asked for.
    expect(sent).toEqual([HEAD, 'aa']);
    await turns();
    expect(log).toEqual(pulls(1 + ahead));
    pauseOutput(flow, false);
    await turns();
    expect(log).toEqual(pulls(2));
    await give('bb');
    expect(sent).toEqual([HEAD, 'aa', 'bb']);
  });

  it('should not be pulled at all while the output is paused from the beginning', async () => {
    const { body, give, log } = make();
    const { sent, flow } = respond({ body }, { pauseAfter: 0 });
    await turns();
    expect({ sent, log }).toEqual({ sent: [HEAD], log: [] });
    pauseOutput(flow, false);
    await give('aa');
    expect(sent).toEqual([HEAD, 'aa']);
  });

  it('should be closed when the gateway goes away, though a chunk is being waited for', async () => {
    const { body, give, log } = make();
    const { subscription } = respond({ body });
    await give('aa');
    await turns();
    subscription.unsubscribe();
    await turns();
    expect(log).toEqual([...pulls(2), 'close']);
  });

  it('should be closed when the gateway goes away while the output is paused', async () => {
    const { body, give, log } = make();
    const { flow, subscription } = respond({ body });
    pauseOutput(flow, true);
    await give('aa');
    subscription.unsubscribe();
    await turns();
    expect(log).toEqual([...pulls(1 + ahead), 'close']);
  });

  it('should be closed when the gateway goes away before it was begun', async () => {
    const { body, log } = make();
    const { subscription } = respond({ body }, { pauseAfter: 0 });
    subscription.unsubscribe();
    await turns();
    expect(log).toEqual(['close']);
  });

  it.each<[string, ScgiResponse, string | undefined, unknown[]]>([
    ['HEAD', {}, 'HEAD', [HEAD, '|']],
    ['204', { status: 204 }, 'GET', ['Status: 204 No Content\r\n\r\n', '|']],
    ['304', { status: 304 }, undefined, ['Status: 304 Not Modified\r\n\r\n', '|']],
    ['a local redirect', { headers: { Location: '/a' } }, undefined, [{ code: 'ERR_SCGI_REDIRECT_HEADERS' }]],
  ])('should be closed, never begun, in the answer to %s', async (_, response, requestMethod, expected) => {
    const { body, log } = make();
    const { sent } = respond({ ...response, body }, { requestMethod });
    await turns();
    expect({ sent, log }).toEqual({ sent: expected, log: ['close'] });
  });

  it.each<[string, string, unknown]>([
    ['ERR_SCGI_BODY_LENGTH', 'more than Content-Length says', 'aaaa'],
    ['ERR_SCGI_BODY_TYPE', 'what is neither text nor bytes', { a: 1 }],
  ])('should be closed upon %s, when it gives %s', async (code, _, chunk) => {
    const { body, give, log } = make();
    const { sent } = respond({ headers: { 'Content-Length': '3' }, body });
    await give(chunk);
    expect(sent).toEqual(['Status: 200 OK\r\nContent-Length: 3\r\n\r\n', { code }]);
    expect(log).toEqual([...pulls(1 + ahead), 'close']);
  });

  it('should forward its error', async () => {
    const { body, give, fail } = make();
    const boom = new Error('boom');
    const { sent } = respond({ body });
    await give('aa');
    await fail(boom);
    expect(sent).toEqual([HEAD, 'aa', boom]);
  });

  it('should ignore an error that comes after the gateway has gone', async () => {
    const { body, fail } = make();
    const { sent, subscription } = respond({ body });
    await turns();
    subscription.unsubscribe();
    await fail(new Error('boom'));
    expect(sent).toEqual([HEAD]);
  });

  it('should drop a chunk that comes after the gateway has gone', async () => {
    const { body, give } = make();
    const { sent, subscription } = respond({ body });
    await turns();
    subscription.unsubscribe();
    await give('aa');
    expect(sent).toEqual([HEAD]);
  });
});

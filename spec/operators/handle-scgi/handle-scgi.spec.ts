import { NEVER, Subject, map, mergeMap, of, startWith, take } from 'rxjs';
import { createFlow } from '../../../lib/operators/flow/flow.js';
import { handleScgi } from '../../../lib/operators/handle-scgi.js';
import type { ScgiRequest, ScgiResponse } from '../../../lib/operators/types.js';
import { everyCut } from '../../../lib/testing/index.js';
import { CountedChunks } from '../../helpers/virtual-time/counted-chunks.js';
import { marbles } from '../../helpers/virtual-time/marbles.js';
import { joined, requestHead, wholeRequest } from '../../helpers/wire/requests.js';
import { show, wire } from '../../helpers/wire/wire.js';
import { pauseOutput } from '../../helpers/virtual-time/play-flow.js';

const POST = requestHead(6, { REQUEST_METHOD: 'POST', REQUEST_URI: '/r' });
const CHUNKS = { g: wholeRequest(''), h: POST, a: wire('abc'), b: wire('def') };
const HEAD = 'Status: 200 OK\r\n\r\n';
const WHOLE = 'Status: 200 OK\r\nContent-Length: 2\r\n\r\nhi';
const BYTES = { w: WHOLE, h: HEAD, a: 'abc', b: 'def', x: `${HEAD}abc` };
const PAUSED = { f: false, t: true };

const answerHi = () => of<ScgiResponse>({ body: 'hi' });

describe('handleScgi', () => {
  it('should unsubscribe from the source when the request is complete, and from the handler when it has answered', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('     --g---------', CHUNKS);
      const answer = cold('       ----r-----', { r: { body: 'hi' } });
      const expected = '        ------(w|)  ';
      const subscription = '    ^-!         ';
      const answerSubscription = '--^---!   ';
      expectObservable(source.pipe(handleScgi(() => answer))).toBe(expected, BYTES);
      expectSubscriptions(source.subscriptions).toBe(subscription);
      expectSubscriptions(answer.subscriptions).toBe(answerSubscription);
    });
  });

  it('should call the handler with the request, once its headers are complete', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--h--a--b--|  ', CHUNKS);
      const expected = '   --------(w|)  ';
      const handle = (request: ScgiRequest) =>
        request.text().pipe(map((text) => ({ body: `${request.method} ${request.path} ${text}` })));
      expectObservable(source.pipe(handleScgi(handle))).toBe(expected, {
        w: 'Status: 200 OK\r\nContent-Length: 14\r\n\r\nPOST /r abcdef',
      });
    });
  });

  it('should continue when the source completes after the request: some gateways end so', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--(g|)       ', CHUNKS);
      const answer = cold('  ------(r|) ', { r: { body: 'hi' } });
      const expected = '   --------(w|) ';
      expectObservable(source.pipe(handleScgi(() => answer))).toBe(expected, BYTES);
    });
  });

  it('should never answer when nothing comes, but for the timeout', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Uint8Array>('-');
      expectObservable(source.pipe(handleScgi(answerHi, { headersTimeoutMs: Infinity }))).toBe('-');
      expectSubscriptions(source.subscriptions).toBe('^');
    });
  });

  it('should unsubscribe from source, handler and body when it is unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('       --h--a--b--|', CHUNKS);
      const body = cold('           --a--b--|', { a: 'abc', b: 'def' });
      const answer = cold('         r---------', { r: { body } });
      const unsubscribed = '      ------!     ';
      const expected = '          --h-a-      ';
      const subscription = '      ^-----!     ';
      const handlerSubscription = '--^---!     ';
      expectObservable(source.pipe(handleScgi(() => answer)), unsubscribed).toBe(expected, BYTES);
      expectSubscriptions(source.subscriptions).toBe(subscription);
      expectSubscriptions(answer.subscriptions).toBe(handlerSubscription);
      expectSubscriptions(body.subscriptions).toBe(handlerSubscription);
    });
  });

  it('should answer before the body has come, and unsubscribe from the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --h--a--b--|', CHUNKS);
      const expected = '    --(w|)      ';
      const subscription = '^-!         ';
      expectObservable(source.pipe(handleScgi(answerHi))).toBe(expected, BYTES);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('should unsubscribe from a handler that completes, although its response goes on', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('       --g---------', CHUNKS);
      const body = cold('             ---a--| ', { a: 'abc' });
      const answer = cold('         --r-|     ', { r: { body } });
      const expected = '          ----h--a--| ';
      const handlerSubscription = '--^---!     ';
      expectObservable(source.pipe(handleScgi(() => answer))).toBe(expected, BYTES);
      expectSubscriptions(answer.subscriptions).toBe(handlerSubscription);
    });
  });

  it('should begin the response before the body has ended', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--h--a--b--|  ', CHUNKS);
      const expected = '   --x--a--(b|)  ';
      const echo = ({ body }: ScgiRequest) => of({ body: body.pipe(startWith(wire('abc'))) });
      expectObservable(source.pipe(handleScgi(echo))).toBe(expected, BYTES);
    });
  });

  it('should send no body in answer to HEAD', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--g', { g: wholeRequest('', { REQUEST_METHOD: 'HEAD' }) });
      const expected = '   --(w|)';
      const head = 'Status: 200 OK\r\nContent-Length: 2\r\n\r\n';
      expectObservable(source.pipe(handleScgi(answerHi))).toBe(expected, { w: head });
    });
  });

  it('should start with fresh state for each subscription', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('    --h--a--b--|      ', CHUNKS);
      const subscriptions = [' ^---!             ', '-----^-------!'];
      const expectedSecond = ' -------h--a--(b|) ';
      const result = source.pipe(handleScgi(({ body }) => of({ body })));
      expectObservable(result, '^---!').toBe('--h', BYTES);
      expectObservable(result, '-----^').toBe(expectedSecond, BYTES);
      expectSubscriptions(source.subscriptions).toBe(subscriptions);
    });
  });

  it('should error the taker of a body that outlives the exchange with ERR_SCGI_GATEWAY_GONE', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('  --h--a--b--|', CHUNKS);
      const answer = cold('    ----r     ', { r: { body: 'hi' } });
      const expected = '     ------(w|)  ';
      const expectedTaken = '-----a#     ';
      const taken = new Subject<Uint8Array>();
      const handle = ({ body }: ScgiRequest) => {
        body.subscribe(taken);
        return answer;
      };
      expectObservable(taken).toBe(expectedTaken, BYTES, {
        code: 'ERR_SCGI_GATEWAY_GONE',
        offset: POST.length + 3,
      });
      expectObservable(source.pipe(handleScgi(handle))).toBe(expected, BYTES);
    });
  });

  describe('with a flow', () => {
    it('should pause the input at bodyHighWaterMark until the head of the response, then drop', () => {
      marbles(({ cold, expectObservable }) => {
        const flow = createFlow();
        const source = cold('   --h--a--------b--|', CHUNKS);
        const answer = cold('     ------r         ', { r: { body: NEVER } });
        const expected = '      --------h         ';
        const expectedPause = ' f----t--f         ';
        expectObservable(source.pipe(handleScgi(() => answer, { flow, bodyHighWaterMark: 3 }))).toBe(
          expected,
          BYTES,
        );
        expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
      });
    });

    it('should pull the body of a response only while the output is not paused', () => {
      marbles(({ cold, hot, expectObservable }) => {
        const flow = createFlow();
        hot('                   -t-------f', PAUSED).subscribe((paused) => pauseOutput(flow, paused));
        const source = cold('   --g-------', CHUNKS);
        const expected = '      --h------(ab|)';
        const handle = () => of({ body: ['abc', 'def'] });
        expectObservable(source.pipe(handleScgi(handle, { flow }))).toBe(expected, BYTES);
      });
    });
  });

  describe('over what is synchronous and endless', () => {
    it.each([
      ['the answer', wholeRequest(''), Infinity],
      ['its subscriber has left', wholeRequest(''), 1],
      ['a fault', wire('x'), Infinity],
    ])('should stop pulling from the source after %s', (_, first, count) => {
      const source = new CountedChunks(first, wire('x'));
      source.chunks.pipe(handleScgi(answerHi), take(count)).subscribe();
      expect(source.count).toBe(1);
    });

    it('should stop pulling from the handler after its response', () => {
      const responses = new CountedChunks<ScgiResponse>({ body: 'hi' });
      of(wholeRequest(''))
        .pipe(handleScgi(() => responses.chunks))
        .subscribe();
      expect(responses.count).toBe(1);
    });
  });

  it('should give the same result however the request is cut', () => {
    const input = joined(POST, wire('abcdefsurplus'));
    const handle = handleScgi((request) => request.text().pipe(map((body) => ({ body }))));
    for (const chunks of everyCut(input)) {
      let log = '';
      of(...chunks)
        .pipe(handle, mergeMap(show))
        .subscribe({ next: (character) => (log += character), complete: () => (log += '|') });
      expect(log).toBe('Status: 200 OK\r\nContent-Length: 6\r\n\r\nabcdef|');
    }
  });
});

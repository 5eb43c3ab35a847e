import { NEVER, Subject, map, mergeMap, of, startWith, type Observable } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import { decodeScgi } from '../../lib/operators/decode-scgi.js';
import { encodeScgi } from '../../lib/operators/encode-scgi.js';
import { createFlow, type Flow } from '../../lib/operators/flow/flow.js';
import { pullMap } from '../../lib/operators/pull-map.js';
import type { ScgiHandler, ScgiRequest, ScgiResponse } from '../../lib/operators/types.js';
import { marbles } from '../helpers/virtual-time/marbles.js';
import { requestHead, wholeRequest } from '../helpers/wire/requests.js';
import { show, wire } from '../helpers/wire/wire.js';
import { pauseOutput } from '../helpers/virtual-time/play-flow.js';

const CHUNKS = { h: requestHead(8), a: wire('aa'), b: wire('bb'), c: wire('cc'), d: wire('dd') };
const HEAD = 'Status: 200 OK\r\n\r\n';
const BYTES = {
  h: HEAD,
  a: 'aa',
  b: 'bb',
  c: 'cc',
  d: 'dd',
  x: `${HEAD}>`,
  A: 'AA',
  B: 'BB',
  C: 'CC',
  D: 'DD',
};
const WHOLE = { w: 'Status: 200 OK\r\nContent-Length: 2\r\n\r\nhi' };
const PAUSED = { f: false, t: true };

/** The pipeline that a person writes by hand, with small bounds. */
function pipeline(source: Observable<Uint8Array>, handle: ScgiHandler, flow: Flow): Observable<Uint8Array> {
  return source.pipe(
    decodeScgi({ flow, bodyHighWaterMark: 2, maxQueuedBytes: 8 }),
    mergeMap(handle),
    encodeScgi({ flow, maxQueuedBytes: 8 }),
  );
}

/** A gateway that takes no more while `output` is true. */
function slowGateway({ hot }: RunHelpers, output: string): Flow {
  const flow = createFlow();
  hot(output, PAUSED).subscribe((paused) => pauseOutput(flow, paused));
  return flow;
}

const upperCase = map((chunk: Uint8Array) => show(chunk).toUpperCase());
const echo = ({ body }: ScgiRequest) => of({ body });
const echoUpperCase = ({ body }: ScgiRequest) => of({ body: body.pipe(upperCase) });

describe('decodeScgi, mergeMap, encodeScgi of one flow', () => {
  it('should learn from the flow that the request is a HEAD', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --h--|', { h: wholeRequest('', { REQUEST_METHOD: 'HEAD' }) });
      const expected = '    --(w|)';
      const result = pipeline(source, () => of({ body: 'hi' }), createFlow());
      expectObservable(result).toBe(expected, { w: 'Status: 200 OK\r\nContent-Length: 2\r\n\r\n' });
      expectSubscriptions(source.subscriptions).toBe('^-!');
    });
  });

  it('should complete, and unsubscribe from the source, when the answer comes before the body', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --h--a--b--c--d--|', CHUNKS);
      const answer = cold('    ----(r|)        ', { r: { body: 'hi' } });
      const expected = '    ------(w|)        ';
      const subscription = '^-----!           ';
      expectObservable(pipeline(source, () => answer, createFlow())).toBe(expected, WHOLE);
      expectSubscriptions(source.subscriptions).toBe(subscription);
      expectSubscriptions(answer.subscriptions).toBe('--^---!');
    });
  });

  it('should deliver the rest of the body to its subscriber although the answer is out', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  --h--a--b--c--d--|', CHUNKS);
      const expected = '     --(w|)            ';
      const expectedTaken = '-----a--b--c--(d|)';
      const subscription = ' ^-------------!   ';
      const taken = new Subject<Uint8Array>();
      const handle = ({ body }: ScgiRequest) => {
        body.subscribe(taken);
        return of({ body: 'hi' });
      };
      expectObservable(taken).toBe(expectedTaken, BYTES);
      expectObservable(pipeline(source, handle, createFlow())).toBe(expected, WHOLE);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('should answer a second connection with another flow, all afresh', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--h--(ab)--(cd)|   ', CHUNKS);
      const expected = '   --h--(ab)--(cd|)   ';
      expectObservable(pipeline(source, echo, createFlow())).toBe(expected, BYTES);
      expectObservable(pipeline(source, echo, createFlow()), '-^').toBe(`-${expected.trim()}`, BYTES);
    });
  });

  it('should use one flow for one connection after the other', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('        --h--a--b--c--d|      ', CHUNKS);
      const flow = createFlow();
      const result = pipeline(source, echo, flow);
      expectObservable(result, '   ^--------!            ').toBe('--h--a--b', BYTES);
      expectObservable(result, '   ----------^').toBe('------------h--a--b--c--(d|)', BYTES);
      expectObservable(flow.inputPaused).toBe('f', PAUSED);
    });
  });

  it('should send the error of a body that breaks off after what the response had of it', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--h--a--|', CHUNKS);
      const expected = '   --h--A--#';
      const fault = { code: 'ERR_SCGI_PREMATURE_EOF', offset: CHUNKS.h.length + 2 };
      expectObservable(pipeline(source, echoUpperCase, createFlow())).toBe(expected, BYTES, fault);
    });
  });

  it('should cancel the handler, and unsubscribe from the source, when it is unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('     --h--a--b--c--d--|', CHUNKS);
      const answer = cold<ScgiResponse>('---------');
      const unsubscribed = '    ------!           ';
      const subscription = '    ^-----!           ';
      const answerSubscription = '--^---!         ';
      expectObservable(
        pipeline(source, () => answer, createFlow()),
        unsubscribed,
      ).toBe('-');
      expectSubscriptions(source.subscriptions).toBe(subscription);
      expectSubscriptions(answer.subscriptions).toBe(answerSubscription);
    });
  });

  describe('interleaved', () => {
    it('should begin the response before the body has ended', () => {
      marbles(({ cold, expectObservable }) => {
        const source = cold('--h--a--b--c--d|   ', CHUNKS);
        const expected = '   --x--A--B--C--(D|)';
        const handle = ({ body }: ScgiRequest) => of({ body: body.pipe(upperCase, startWith('>')) });
        expectObservable(pipeline(source, handle, createFlow())).toBe(expected, BYTES);
      });
    });

    it('should hold the body of a request while its response waits, by pulling', () => {
      marbles((helpers) => {
        const source = helpers.cold('--h--a--b--c--------d|   ', CHUNKS);
        const output = '             ------t-------f          ';
        const expected = '           --h--a--b-----c-----(d|) ';
        const expectedPause = '      f----------t--f          ';
        const flow = slowGateway(helpers, output);
        helpers.expectObservable(pipeline(source, echo, flow)).toBe(expected, BYTES);
        helpers.expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
        helpers.expectObservable(flow.outputPaused).toBe('f-----t-------f', PAUSED);
        helpers.expectSubscriptions(source.subscriptions).toBe('^-------------------!');
      });
    });

    it('should lose nothing of a body whose response waits from the beginning', () => {
      marbles((helpers) => {
        const source = helpers.cold('--h--a--b-----------c--d|   ', CHUNKS);
        const output = '             -t-----------f              ';
        const expected = '           --h----------(ab)---c--(d|) ';
        const expectedPause = '      f----t-------f              ';
        const flow = slowGateway(helpers, output);
        helpers.expectObservable(pipeline(source, echo, flow)).toBe(expected, BYTES);
        helpers.expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
      });
    });

    it('should queue what operators push, and pause the input at half of maxQueuedBytes', () => {
      marbles((helpers) => {
        const source = helpers.cold('--h--a--b--c--------d|   ', CHUNKS);
        const output = '             ------t-------f          ';
        const expected = '           --h--A--------(BC)--(D|) ';
        const expectedPause = '      f----------t--f          ';
        const flow = slowGateway(helpers, output);
        helpers.expectObservable(pipeline(source, echoUpperCase, flow)).toBe(expected, BYTES);
        helpers.expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
      });
    });

    it('should pause the input for a busy pullMap and then for a response that waits, in one', () => {
      marbles((helpers) => {
        const source = helpers.cold('--h--a-----b-c-----------', CHUNKS);
        const slow = helpers.cold('  ----(x|)                 ', { x: 'xx' });
        const output = '             ----t----------------f   ';
        const expected = '           --h------------------(xxx)';
        // From 13 on c waits for b, and from 15 on half of maxQueuedBytes for the gateway.
        const expectedPause = '      f------------t-------f   ';
        const flow = slowGateway(helpers, output);
        const handle = ({ body }: ScgiRequest) => of({ body: body.pipe(pullMap(() => slow)) });
        helpers.expectObservable(pipeline(source, handle, flow)).toBe(expected, { ...BYTES, x: 'xx' });
        helpers.expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
      });
    });
  });

  describe('with a body that nobody takes', () => {
    it('should pause the input at bodyHighWaterMark until the head of the response, then drop', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const flow = createFlow();
        const source = cold('   --h--a--------b--c--d|', CHUNKS);
        const answer = cold('     ------r             ', { r: { body: NEVER } });
        const expected = '      --------h             ';
        const expectedPause = ' f----t--f             ';
        const subscription = '  ^-------------------!';
        expectObservable(pipeline(source, () => answer, flow)).toBe(expected, BYTES);
        expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('should error later subscribers with ERR_SCGI_BODY_USED after it was dropped', () => {
      marbles(({ cold, expectObservable }) => {
        const source = cold('--h--a--------b--c--d|', CHUNKS);
        const late = cold('  ----------(x|)      ', { x: 'x' });
        const expected = '   --h---------#         ';
        // The response has begun, and a fills the body: the next that comes is too late.
        const handle = ({ body }: ScgiRequest) => of({ body: late.pipe(mergeMap(() => body)) });
        expectObservable(pipeline(source, handle, createFlow())).toBe(expected, BYTES, {
          code: 'ERR_SCGI_BODY_USED',
        });
      });
    });

    it('should not pause the input for what comes after the head of the response', () => {
      marbles(({ cold, expectObservable }) => {
        const flow = createFlow();
        const source = cold('--h--a--b--c--d|', CHUNKS);
        expectObservable(pipeline(source, () => of({ body: NEVER }), flow)).toBe('--h', BYTES);
        expectObservable(flow.inputPaused).toBe('f', PAUSED);
      });
    });
  });

  it('should error with ERR_SCGI_BODY_USED when the body to send is taken, and leave the taker alone', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  --h--a--b--c--d|   ', CHUNKS);
      const expected = '     --#                ';
      const expectedTaken = '-----a--b--c--(d|)';
      const taken = new Subject<Uint8Array>();
      const handle = ({ body }: ScgiRequest) => {
        body.subscribe(taken);
        return of({ body });
      };
      const result = pipeline(source, handle, createFlow());
      expectObservable(taken).toBe(expectedTaken, BYTES);
      expectObservable(result).toBe(expected, {}, { code: 'ERR_SCGI_BODY_USED' });
      expectSubscriptions(source.subscriptions).toBe('^-------------!');
    });
  });
});

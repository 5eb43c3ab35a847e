import { NEVER, Subject, Subscription, defer, map, of, switchMap, tap, timer } from 'rxjs';
import { encodeScgi } from '../../../lib/operators/encode-scgi.js';
import { createFlow, type Flow } from '../../../lib/operators/flow/flow.js';
import type { ScgiResponse } from '../../../lib/operators/types.js';
import { marbles } from '../../helpers/virtual-time/marbles.js';
import { respondTo } from '../../helpers/virtual-time/responses/respond-to.js';
import { show } from '../../helpers/wire/wire.js';
import { isWatched, pauseOutput } from '../../helpers/virtual-time/play-flow.js';

const HEAD = 'Status: 200 OK\r\n\r\n';
const CHUNKS = { a: 'aa', b: 'bb', c: 'cc', d: 'dd' };
const BYTES = { ...CHUNKS, h: HEAD, x: `${HEAD}aa` };
const PAUSED = { f: false, t: true };

describe('an Observable body, to a slow gateway', () => {
  it('should wait while the output is paused, and keep its order', () => {
    marbles((helpers) => {
      const body = helpers.cold('--a--b--c--------d--|', CHUNKS);
      const output = '           ---t-------f         ';
      const expected = '         h-a--------(bc)--d--|';
      const { flow, result } = respondTo(helpers, output, body);
      helpers.expectObservable(result).toBe(expected, BYTES);
      helpers.expectObservable(flow.inputPaused).toBe('f', PAUSED);
    });
  });

  it('should not keep the head waiting', () => {
    marbles((helpers) => {
      const body = helpers.cold('a--b------|', CHUNKS);
      const output = '           t----f     ';
      const expected = '         h----(ab)-|';
      const { result } = respondTo(helpers, output, body);
      helpers.expectObservable(result).toBe(expected, BYTES);
    });
  });

  it('should complete when the last that waited is out', () => {
    marbles((helpers) => {
      const body = helpers.cold('-a-b|   ', CHUNKS);
      const output = '           t------f';
      const expected = '         h------(ab|)';
      const { result } = respondTo(helpers, output, body);
      helpers.expectObservable(result).toBe(expected, BYTES);
      helpers.expectSubscriptions(body.subscriptions).toBe('^---!');
    });
  });

  it.each([
    ['at half of maxQueuedBytes', 8, 'f--t---f'],
    ['not below half of maxQueuedBytes', 9, 'f       '],
  ])('should pause the input %s', (_, maxQueuedBytes, expectedPause) => {
    marbles((helpers) => {
      const body = helpers.cold('-a-b----', CHUNKS);
      const output = '           t------f';
      const expected = '         h------(ab)';
      const { flow, result } = respondTo(helpers, output, body, maxQueuedBytes);
      helpers.expectObservable(result).toBe(expected, BYTES);
      helpers.expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
    });
  });

  it('should pause the input until nothing waits any more', () => {
    marbles((helpers) => {
      const body = helpers.cold('-a-b-c|           ', CHUNKS);
      const output = '           t--------f--f--f  ';
      const expected = '         h--------a--b--(c|)';
      const expectedPause = '    f--t-----------f  ';
      const { flow, result } = respondTo(helpers, output, body, 8);
      // The gateway takes one chunk at a time.
      const oneByOne = result.pipe(tap(() => pauseOutput(flow, true)));
      helpers.expectObservable(oneByOne).toBe(expected, BYTES);
      helpers.expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
    });
  });

  it('should let maxQueuedBytes wait, and error at one more', () => {
    marbles((helpers) => {
      const body = helpers.cold('-a-b-c---', CHUNKS);
      const output = '           t--------';
      const enough = respondTo(helpers, output, body, 6);
      const tooLittle = respondTo(helpers, output, body, 5);
      const overflow = { code: 'ERR_SCGI_RESPONSE_OVERFLOW', limit: 5, actual: 6 };
      helpers.expectObservable(enough.result).toBe('   h     ', BYTES);
      helpers.expectObservable(tooLittle.result).toBe('h----#', BYTES, overflow);
      helpers.expectObservable(enough.flow.inputPaused).toBe('   f--t  ', PAUSED);
      helpers.expectObservable(tooLittle.flow.inputPaused).toBe('f--t-f', PAUSED);
      helpers.expectSubscriptions(body.subscriptions).toBe(['^', '^----!']);
    });
  });

  it('should error at once when the body errors, whatever waits', () => {
    marbles((helpers) => {
      const body = helpers.cold('-a-b-#', CHUNKS, 'boom');
      const output = '           t-----';
      const expected = '         h----#';
      const expectedPause = '    f--t-f';
      const { flow, result } = respondTo(helpers, output, body, 8);
      helpers.expectObservable(result).toBe(expected, BYTES, 'boom');
      helpers.expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
    });
  });

  it('should error when what waits turns out to be more than Content-Length', () => {
    marbles((helpers) => {
      const body = helpers.cold('-a-b----', CHUNKS);
      const output = '           t------f';
      const expected = '         h------(a#)';
      const { flow, result } = respondTo(helpers, output, body, 8, { 'Content-Length': '3' });
      const head = 'Status: 200 OK\r\nContent-Length: 3\r\n\r\n';
      helpers.expectObservable(result).toBe(expected, { a: 'aa', h: head }, { code: 'ERR_SCGI_BODY_LENGTH' });
      helpers.expectObservable(flow.inputPaused).toBe('f--t---f', PAUSED);
      helpers.expectSubscriptions(body.subscriptions).toBe('^------!');
    });
  });

  it('should unsubscribe from the body, drop what waits and end the pause when the gateway goes away', () => {
    marbles((helpers) => {
      const body = helpers.cold('-a-b-----', CHUNKS);
      const output = '           t------f ';
      const unsubscribed = '     -----!   ';
      const expected = '         h-----   ';
      const expectedPause = '    f--t-f   ';
      const { flow, result } = respondTo(helpers, output, body, 8);
      helpers.expectObservable(result, unsubscribed).toBe(expected, BYTES);
      helpers.expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
      helpers.expectSubscriptions(body.subscriptions).toBe('^----!   ');
    });
  });

  it('should let its source be throttled by the flow', () => {
    marbles((helpers) => {
      const output = '      f-t----f    ';
      const unsubscribed = '-----------!';
      const expected = '    ha------a-a ';
      const body = defer(() => flow.outputPaused).pipe(
        switchMap((paused) => (paused ? NEVER : timer(1, 2))),
        map(() => 'aa'),
      );
      const { flow, result } = respondTo(helpers, output, body, 1);
      helpers.expectObservable(result, unsubscribed).toBe(expected, BYTES);
    });
  });

  it('should keep its order when a chunk comes from inside the one that goes out', () => {
    const { body, flow, log } = listening((text, self) => {
      if (text === 'b') self.body.next('d');
    });
    pauseOutput(flow, true);
    for (const chunk of ['b', 'c']) body.next(chunk);
    pauseOutput(flow, false);
    expect(log).toEqual([HEAD, 'b', 'c', 'd']);
  });

  it('should stop when the output is paused from inside the chunk that goes out', () => {
    const { body, flow, log } = listening((text, self) => pauseOutput(self.flow, text === 'b'));
    pauseOutput(flow, true);
    for (const chunk of ['a', 'b', 'c']) body.next(chunk);
    pauseOutput(flow, false);
    expect(log).toEqual([HEAD, 'a', 'b']);
    pauseOutput(flow, false);
    expect(log).toEqual([HEAD, 'a', 'b', 'c']);
  });

  it('should stop when it is unsubscribed from inside the chunk that goes out', () => {
    const { body, flow, log } = listening((text, self) => {
      if (text === 'a') self.subscription.unsubscribe();
    });
    pauseOutput(flow, true);
    for (const chunk of ['a', 'b']) body.next(chunk);
    pauseOutput(flow, false);
    expect({ log, observed: body.observed }).toEqual({ log: [HEAD, 'a'], observed: false });
  });
});

describe('the flow of a response', () => {
  it.each<[string, (self: Listening) => void]>([
    ['has ended', ({ body }) => body.complete()],
    ['has errored', ({ body }) => body.error(new Error('boom'))],
    ['was unsubscribed', ({ subscription }) => subscription.unsubscribe()],
  ])('should be left when it %s', (_, end) => {
    const self = listening(() => undefined);
    expect(isWatched(self.flow)).toBe(true);
    end(self);
    expect(isWatched(self.flow)).toBe(false);
  });

  it('should be left when the gateway takes all upon the head', () => {
    const flow = createFlow();
    pauseOutput(flow, true);
    const log: string[] = [];
    of({ body: ['a', 'b'] })
      .pipe(encodeScgi({ flow }))
      .subscribe((bytes) => {
        log.push(show(bytes));
        pauseOutput(flow, false);
      });
    expect({ log, watched: isWatched(flow) }).toEqual({
      log: [HEAD, 'a', 'b'],
      watched: false,
    });
  });
});

describe('a body at hand, to a slow gateway', () => {
  it('should go out with its head when it is small, as the write of the head is due anyway', () => {
    marbles((helpers) => {
      const { result } = respondTo(helpers, 't', 'aa');
      helpers.expectObservable(result).toBe('(w|)', { w: 'Status: 200 OK\r\nContent-Length: 2\r\n\r\naa' });
    });
  });
});

interface Listening {
  readonly body: Subject<string>;
  readonly flow: Flow;
  /** What went out. */
  readonly log: string[];
  readonly subscription: Subscription;
}

/** A response whose body the spec sends; `onBytes` is called with what goes out. */
function listening(onBytes: (text: string, self: Listening) => void): Listening {
  const self = {
    body: new Subject<string>(),
    flow: createFlow(),
    log: [] as string[],
    subscription: new Subscription(),
  };
  const response = of<ScgiResponse>({ body: self.body }).pipe(encodeScgi({ flow: self.flow }));
  self.subscription.add(
    response.subscribe({
      next: (bytes) => {
        self.log.push(show(bytes));
        onBytes(show(bytes), self);
      },
      error: () => self.log.push('#'),
    }),
  );
  return self;
}

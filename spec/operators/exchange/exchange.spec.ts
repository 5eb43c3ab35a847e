import { NEVER, Observable, VirtualTimeScheduler, concat, finalize, of, throwError } from 'rxjs';
import { verifyHandleOptions } from '../../../lib/operators/engine-options.js';
import { Exchange } from '../../../lib/operators/exchange/exchange.js';
import { ForwardingSubscriber } from '../../../lib/operators/flow/forwarding-subscriber.js';
import { ScheduledTimekeeper } from '../../../lib/operators/exchange/idle-timer.js';
import type { ScgiHandler } from '../../../lib/operators/types.js';
import { errorFacts } from '../../helpers/virtual-time/marbles.js';
import { requestHead, wholeRequest } from '../../helpers/wire/requests.js';
import { wire } from '../../helpers/wire/wire.js';

const GET = wholeRequest('', { REQUEST_URI: '/r' });
const BOOM = new Error('boom');

/** What an observer is told of an exchange, until it is over or nothing more happens. */
function observed(
  source: Observable<Uint8Array>,
  handler: ScgiHandler,
  leaveAtRequest = false,
  onError?: () => void,
): unknown[] {
  const log: unknown[] = [];
  const settings = verifyHandleOptions({ onError });
  const keeper = new ScheduledTimekeeper(new VirtualTimeScheduler());
  const subscription = new Observable<Uint8Array>((destination) => {
    const exchange = new Exchange(destination, handler, settings, settings.flow, keeper, {
      request: ({ path }) => {
        log.push(`request ${path}`);
        if (leaveAtRequest) destination.unsubscribe();
      },
      response: (status) => log.push(`response ${status}`),
      failure: (error, request) => log.push(['failure', errorFacts(error), request?.path]),
      released: () => log.push('released'),
    });
    const input = new ForwardingSubscriber(exchange);
    destination.add(input);
    destination.add(() => exchange.unsubscribe());
    source.subscribe(input);
  }).subscribe({ error: () => log.push('#'), complete: () => log.push('|') });
  log.push('left');
  subscription.unsubscribe();
  return log;
}

describe('the observer of an exchange', () => {
  it('should report the request, the response and its release', () => {
    const log = observed(concat(of(GET), NEVER), () => of({ status: 201, body: 'hi' }));
    expect(log).toEqual(['request /r', 'response 201', '|', 'released', 'left']);
  });

  it('should be told before the handler is called, which is not when the observer ends the exchange', () => {
    const handler = jest.fn(() => NEVER);
    expect(observed(of(GET), handler, true)).toEqual(['request /r', 'released', 'left']);
    expect(handler).not.toHaveBeenCalled();
  });

  it('should be told of the request before the handler is called', () => {
    const order = observed(concat(of(GET), NEVER), () => {
      throw BOOM;
    });
    expect(order).toEqual(['request /r', ['failure', BOOM, '/r'], 'released', 'response 500', '|', 'left']);
  });

  it('should be told the status that answers a fault', () => {
    const fault = { code: 'ERR_SCGI_NETSTRING_LENGTH', offset: 0 };
    const log = [['failure', fault, undefined], 'released', 'response 400', '|', 'left'];
    expect(observed(concat(of(wire('x')), NEVER), () => NEVER)).toEqual(log);
    expect(observed(concat(of(wire('GET / HTTP/1.1')), NEVER), () => NEVER)).toEqual(log);
  });

  it('should be told of no response when one is cut short', () => {
    const body = concat(
      of('hi'),
      throwError(() => BOOM),
    );
    const log = observed(concat(of(GET), NEVER), () => of({ body }));
    expect(log).toEqual(['request /r', ['failure', BOOM, '/r'], '#', 'released', 'left']);
  });

  it('should be told of no response when the connection is lost', () => {
    const log = observed(
      concat(
        of(requestHead(3, { REQUEST_URI: '/r' })),
        throwError(() => BOOM),
      ),
      () => NEVER,
    );
    expect(log).toEqual(['request /r', ['failure', BOOM, '/r'], '#', 'released', 'left']);
  });

  it('should be told what onError throws', () => {
    const thrown = new Error('onError is broken');
    const onError = () => {
      throw thrown;
    };
    const log = observed(concat(of(GET), NEVER), () => throwError(() => BOOM), false, onError);
    expect(log.slice(1, 3)).toEqual([
      ['failure', BOOM, '/r'],
      ['failure', thrown, '/r'],
    ]);
  });

  it('should be told what a finalizer of the handler throws', () => {
    const handler = () =>
      NEVER.pipe(
        finalize(() => {
          throw BOOM;
        }),
      );
    const log = observed(concat(of(GET), NEVER), handler);
    expect(log).toEqual(['request /r', 'left', 'released', ['failure', expect.any(Error), '/r']]);
  });

  it('should be told nothing more once the exchange is over', () => {
    const log: string[] = [];
    const note = (what: string) => () => log.push(what);
    const settings = verifyHandleOptions();
    const keeper = new ScheduledTimekeeper(new VirtualTimeScheduler());
    const output = { next: note('next'), error: note('error'), complete: note('complete') };
    const observer = { request: note('request'), failure: note('failure'), released: note('released') };
    const exchange = new Exchange(output, () => NEVER, settings, undefined, keeper, observer);
    exchange.unsubscribe();
    exchange.next(GET);
    exchange.complete();
    exchange.error(BOOM);
    exchange.unsubscribe();
    expect(log).toEqual(['released']);
  });

  it('should be told of the release, once, when the gateway goes away', () => {
    expect(observed(concat(of(GET), NEVER), () => NEVER)).toEqual(['request /r', 'left', 'released']);
    expect(observed(NEVER, () => NEVER)).toEqual(['left', 'released']);
  });
});

/** Plays gateways against a whole server in virtual time: what they do and what is seen of it are marbles. */
import { NEVER, Observable, map, merge, of, tap } from 'rxjs';
import type { AnyScgiHandler } from '../../../../lib/index.js';
import type { ServerEvent } from '../../../../lib/server/server-event.js';
import { verifyServerOptions, type ServerOptions } from '../../../../lib/server/server-options.js';
import { Server, type Acceptor, type ServerRuntime } from '../../../../lib/server/server.js';
import { requestBytes, type TestRequest } from '../../../../lib/testing/index.js';
import { errorFacts, marbles } from '../marbles.js';
import { MemoryTransport, type Ending } from './memory-transport.js';

/** A gateway, and what its side of the connection sees. */
export interface PlayedGateway {
  /**
   * What it does: `c` connects, `q` sends the whole request, `h` and `i` the request in two parts, `b` 1 000 bytes more, `F` ends its side,
   * `X` closes, `R` resets, `n` stops reading, `t` takes 1 000 bytes, `T` takes everything.
   */
  readonly does: string;
  /** What it sees: `f` the application's FIN, `r` a reset, `c` that the connection is closed. Not compared when left out. */
  readonly sees?: string;
  /** What `q` sends; in bytes, where it is not a request. */
  readonly request?: TestRequest | Uint8Array;
  /** As a Unix socket, which cannot be reset. Default: as TCP. */
  readonly unix?: boolean;
}

/** One scenario. */
export interface Play {
  readonly options?: Partial<ServerOptions>;
  readonly handler: AnyScgiHandler;
  readonly gateways: readonly PlayedGateway[];
  readonly until?: string;
  /** How long it takes until what the system has received is delivered. Default: no time. */
  readonly inputDelivered?: string;
  /** When the server is unsubscribed, `!`. */
  readonly unsubscribed?: string;
  /**
   * The server's events: `l` listening, `q` request, `s` response, `a` aborted response, `f` failure, `d` draining, `c` closed, and
   * its completion. Not compared when left out.
   */
  readonly events?: string;
  /** What the failures are, in their order; `'any'`: not compared. */
  readonly failures?: readonly unknown[] | 'any';
  /** What the gateways received, where it is compared. */
  readonly texts?: readonly (RegExp | undefined)[];
}

const ENDINGS: Record<Ending, string> = { fin: 'f', reset: 'r', closed: 'c' };
const EVENTS = { listening: 'l', request: 'q', response: 's', failure: 'f', draining: 'd', closed: 'c' };
/** Bytes of a head that has begun. */
const FIRST_HALF = 20;
/** Bytes of some body, and of what a gateway takes at once. */
const SOME = 1000;

/** Plays a scenario, and compares what is seen. @returns the events in full. */
export function play({
  options,
  handler,
  gateways,
  until,
  inputDelivered,
  unsubscribed,
  events,
  failures = [],
  texts = [],
}: Play): ServerEvent[] {
  const emitted: ServerEvent[] = [];
  const seen: unknown[] = [];
  const received: string[] = [];
  marbles(({ cold, expectObservable, flush }, scheduler) => {
    const ends = gateways.map(({ unix }) => new MemoryTransport(scheduler, !unix));
    const runtime: ServerRuntime = {
      listen: (acceptor) => {
        // What gateways do goes on when nothing is listened on any more.
        gateways.forEach(({ does, request }, index) => {
          const end = ends[index] as MemoryTransport;
          cold(does).subscribe((step) => act(end, step, bytesOf(request), acceptor));
        });
        return merge(of(['memory']), NEVER);
      },
      inputDelivered: inputDelivered === undefined ? of(undefined) : cold(inputDelivered),
      observerThrew: (error) => seen.push(error),
    };
    const settings = verifyServerOptions({
      scheduler,
      ...(until !== undefined && { until: cold(until) }),
      ...options,
    });
    const server = new Observable<ServerEvent>((subscriber) => {
      const served = new Server(handler, settings, runtime, subscriber);
      served.start();
      return () => served.abort();
    });
    const told = expectObservable(
      server.pipe(
        tap((event) => {
          emitted.push(event);
          if (event.type === 'failure') seen.push(errorFacts(event.error));
        }),
        map((event) => (event.type === 'response' && event.aborted ? 'a' : EVENTS[event.type])),
      ),
      unsubscribed,
    );
    if (events !== undefined) told.toBe(events);
    gateways.forEach(({ sees }, index) => {
      if (sees === undefined) return;
      const endings = (ends[index] as MemoryTransport).endings.pipe(map((ending) => ENDINGS[ending]));
      expectObservable(merge(endings, NEVER)).toBe(sees);
    });
    flush();
    received.push(...ends.map(({ text }) => text));
  });
  if (failures !== 'any') expect(seen).toEqual(failures);
  texts.forEach((text, index) => {
    if (text) expect(received[index]).toMatch(text);
  });
  return emitted;
}

function bytesOf(request: TestRequest | Uint8Array | undefined): Uint8Array {
  return request instanceof Uint8Array ? request : requestBytes(request);
}

function act(end: MemoryTransport, step: string, request: Uint8Array, acceptor: Acceptor): void {
  switch (step) {
    case 'c':
      end.events = acceptor.accept(end);
      break;
    case 'q':
      end.send(request);
      break;
    case 'h':
      end.send(request.subarray(0, FIRST_HALF));
      break;
    case 'i':
      end.send(request.subarray(FIRST_HALF));
      break;
    case 'b':
      end.send(new Uint8Array(SOME));
      break;
    case 'F':
      end.fin();
      break;
    case 'X':
      end.close();
      break;
    case 'R':
      end.reset();
      break;
    case 'n':
      end.takeOnly(0);
      break;
    case 't':
      end.take(SOME);
      break;
    case 'T':
      end.take(Infinity);
      break;
    default:
      throw new Error(`a gateway cannot ${step}`);
  }
}

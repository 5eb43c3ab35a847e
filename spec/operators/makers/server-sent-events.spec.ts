import { NEVER, concat, of, type ObservableInput } from 'rxjs';
import {
  serverSentEvents,
  type ServerSentEvent,
  type ServerSentEventsOptions,
} from '../../../lib/operators/makers/server-sent-events.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { respond } from '../../helpers/virtual-time/responses/respond.js';

type Event = string | ServerSentEvent;

const HEAD =
  'Status: 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nX-Accel-Buffering: no\r\n\r\n';
const INVALID = { code: 'ERR_SCGI_EVENT_INVALID' };

expectNoProcessFaults();

/** What goes out of a whole stream, and how it ends. */
function sentOf(source: ObservableInput<Event>, options?: ServerSentEventsOptions): unknown[] {
  const { sent, subscription } = respond(serverSentEvents(source, options));
  // The timer of the heartbeats would keep the process.
  subscription.unsubscribe();
  return sent;
}

describe('serverSentEvents: an event', () => {
  it.each<[Event, string]>([
    ['text', 'data: text\n\n'],
    ['', 'data: \n\n'],
    [' led by a space', 'data:  led by a space\n\n'],
    ['a\nb\rc\r\nd', 'data: a\ndata: b\ndata: c\ndata: d\n\n'],
    ['\n', 'data: \ndata: \n\n'],
    ['é', 'data: Ã©\n\n'],
    ['a\0b', 'data: a␀b\n\n'],
    [{ data: 'x', event: 'tick', id: '7' }, 'event: tick\nid: 7\ndata: x\n\n'],
    [{ data: 'x', event: undefined, id: undefined }, 'data: x\n\n'],
    [{ data: '', id: '' }, 'id: \ndata: \n\n'],
    [{ id: '7' }, 'id: 7\n\n'],
    [{}, '\n'],
  ])('should be written by the format: %j', (event, text) => {
    expect(sentOf(NEVER)).toEqual([HEAD]);
    expect(sentOf(concat([event], NEVER))).toEqual([HEAD + text]);
  });

  it.each<[string, unknown]>([
    ['a line break in its type', { data: 'x', event: 'a\nb' }],
    ['a carriage return in its id', { data: 'x', id: 'a\rb' }],
    ['NUL in its id', { data: 'x', id: 'a\0b' }],
    ['data that is no text', { data: { a: 1 } }],
    ['a type that is no text', { data: 'x', event: 7 }],
    ['an id that is no text', { data: 'x', id: 7 }],
    ['a misspelt key', { data: 'x', type: 'tick' }],
    ['no text and no object', 7],
    ['nothing', null],
    ['undefined', undefined],
  ])('should fail the stream when it has %s', (_, event) => {
    const first = { data: 'first' };
    const events = [first, event, first] as Event[];
    const body = [`${HEAD}data: first\n\n`, INVALID];
    expect(sentOf(events)).toEqual(body);
    expect(sentOf(of(...events))).toEqual(body);
  });

  it('should fail the stream when looking at it throws', () => {
    const boom = new Error('boom');
    const event: ServerSentEvent = {
      get data(): string {
        throw boom;
      },
    };
    expect(sentOf([event])).toEqual([boom]);
  });
});

describe('serverSentEvents: the response', () => {
  it('should begin with the time to reconnect', () => {
    const retry = `${HEAD}retry: 0\n\n`;
    expect(sentOf(of('a'), { retryMs: 0 })).toEqual([retry, 'data: a\n\n', '|']);
    expect(sentOf(['a'], { retryMs: 0 })).toEqual([retry, 'data: a\n\n', '|']);
  });

  it('should have its headers, unless others are given', () => {
    const { headers } = serverSentEvents([], { headers: { 'X-A': '1', 'cache-control': 'no-cache' } });
    expect(headers).toEqual([
      ['Content-Type', 'text/event-stream'],
      ['X-Accel-Buffering', 'no'],
      ['X-A', '1'],
      ['cache-control', 'no-cache'],
    ]);
  });

  it('should free the source in place of a body to HEAD', () => {
    const log: string[] = [];
    const source: Iterable<string> = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: !log.push('next'), value: 'a' }),
        return: () => ({ done: !!log.push('return'), value: '' }),
      }),
    };
    const { sent } = respond(serverSentEvents(source), { requestMethod: 'HEAD' });
    expect(sent).toEqual([HEAD, '|']);
    expect(log).not.toContain('next');
  });

  it.each([
    ['text', 'data'],
    ['bytes', new Uint8Array(1)],
    ['a plain object', { data: 'x' }],
    ['nothing', undefined],
  ])('should be refused at the call, when the source is %s', (_, source) => {
    expect(() => serverSentEvents(source as unknown as string[])).toThrow(TypeError);
  });

  it.each<[ErrorConstructor | typeof RangeError, object]>([
    [RangeError, { heartbeatMs: 0 }],
    [RangeError, { heartbeatMs: 1.5 }],
    [RangeError, { retryMs: -1 }],
    [RangeError, { retryMs: Infinity }],
    [TypeError, { heartbeat: 1 }],
    [TypeError, { scheduler: {} }],
  ])('should throw a %p at the call for %j', (type, options) => {
    expect(() => serverSentEvents([], options)).toThrow(type);
  });
});

import { asyncScheduler } from 'rxjs';
import { decodeScgiEvents } from '../../lib/operators/decode-scgi-events.js';
import { decodeScgi } from '../../lib/operators/decode-scgi.js';
import { encodeScgiEvents } from '../../lib/operators/encode-scgi-events.js';
import { encodeScgi } from '../../lib/operators/encode-scgi.js';
import {
  verifyDecodeOptions,
  verifyEncodeOptions,
  verifyHandleOptions,
} from '../../lib/operators/engine-options.js';
import { createFlow } from '../../lib/operators/flow/flow.js';
import { handleScgi } from '../../lib/operators/handle-scgi.js';

const OPERATORS = {
  decodeScgi,
  decodeScgiEvents,
  encodeScgi,
  encodeScgiEvents,
  handleScgi: (options: object) => handleScgi(() => [], options),
};
type Name = keyof typeof OPERATORS;

const READERS: readonly Name[] = ['decodeScgi', 'decodeScgiEvents', 'handleScgi'];
const DECODERS: readonly Name[] = ['decodeScgi', 'handleScgi'];
const QUEUES: readonly Name[] = [...DECODERS, 'encodeScgi'];
const HANDLERS: readonly Name[] = ['handleScgi'];
const ENCODERS: readonly Name[] = ['encodeScgi', 'encodeScgiEvents'];

const NO_LIMIT = [0, -1, 1.5, NaN, -Infinity, '5', null, 2 ** 53];
const NO_TIMEOUT = [...NO_LIMIT, 2 ** 31];
const NO_SWITCH = ['true', 1, 0, null];

/** Each option, the operators that have it, what is wrong for it, and what is right at the edge. */
const OPTIONS: readonly [
  string,
  readonly Name[],
  typeof RangeError,
  readonly unknown[],
  readonly unknown[],
][] = [
  ['maxHeaderBytes', READERS, RangeError, [...NO_LIMIT, Infinity], [1, 268_435_456]],
  ['maxHeaders', READERS, RangeError, NO_LIMIT, [1, Infinity]],
  ['maxBodyBytes', READERS, RangeError, NO_LIMIT.slice(1), [0, Infinity]],
  ['bodyHighWaterMark', DECODERS, RangeError, NO_LIMIT, [1, Infinity]],
  ['maxQueuedBytes', QUEUES, RangeError, NO_LIMIT, [1, Infinity]],
  ['headersTimeoutMs', HANDLERS, RangeError, NO_TIMEOUT, [1, 2 ** 31 - 1, Infinity]],
  ['bodyTimeoutMs', HANDLERS, RangeError, NO_TIMEOUT, [1, 2 ** 31 - 1, Infinity]],
  ['handlerTimeoutMs', HANDLERS, RangeError, NO_TIMEOUT, [1, 2 ** 31 - 1, Infinity]],
  ['strict', READERS, TypeError, NO_SWITCH, [true, false]],
  ['lenientDuplicates', READERS, TypeError, NO_SWITCH, [true, false]],
  ['lenientContentLength', READERS, TypeError, NO_SWITCH, [true, false]],
  ['mount', DECODERS, TypeError, ['app', 5, null], ['', '/', '/app', '/app/']],
  ['requestTarget', DECODERS, TypeError, ['path', '', null, 5], ['original', 'routed']],
  ['flow', QUEUES, TypeError, [{}, 5, true], [createFlow()]],
  ['onError', HANDLERS, TypeError, ['log', {}, null], [() => undefined]],
  ['scheduler', HANDLERS, TypeError, [{}, 5, 'async'], [asyncScheduler]],
  ['requestMethod', ENCODERS, TypeError, [5, {}, null], ['HEAD', '']],
];

describe.each(OPTIONS)('the option %s', (option, names, error, wrong, right) => {
  describe.each(names)('of %s', (name) => {
    const call = (value: unknown) => (): unknown => OPERATORS[name]({ [option]: value });

    it.each(wrong)(`should throw a ${error.name} at the call for %p`, (value) => {
      expect(call(value)).toThrow(error);
      expect(call(value)).toThrow(option);
    });

    it.each(right)('should take %p', (value) => {
      expect(call(value)).not.toThrow();
    });

    it('should be left out by undefined', () => {
      expect(call(undefined)).not.toThrow();
    });
  });
});

describe('the defaults', () => {
  it('should be those of the documentation', () => {
    const { onError, ...defaults } = verifyHandleOptions();
    expect(defaults).toEqual({
      limits: {
        maxHeaderBytes: 65_536,
        maxHeaders: 1000,
        maxBodyBytes: Infinity,
        strict: false,
        lenientDuplicates: false,
        lenientContentLength: false,
      },
      flow: undefined,
      bodyHighWaterMark: 65_536,
      maxQueuedBytes: 16_777_216,
      maxCollectedBytes: 16_777_216,
      mount: '',
      requestTarget: 'original',
      headersTimeoutMs: 60_000,
      bodyTimeoutMs: 30_000,
      bodyTotalTimeoutMs: Infinity,
      handlerTimeoutMs: Infinity,
      scheduler: asyncScheduler,
    });
    expect(onError).toBeInstanceOf(Function);
    expect(verifyEncodeOptions()).toEqual({
      flow: undefined,
      maxQueuedBytes: 16_777_216,
      requestMethod: undefined,
    });
  });

  it('should collect up to maxBodyBytes where there is one, and maxQueuedBytes otherwise', () => {
    expect(verifyDecodeOptions({ maxBodyBytes: 5, maxQueuedBytes: 3 }).maxCollectedBytes).toBe(5);
    expect(verifyDecodeOptions({ maxQueuedBytes: 3 }).maxCollectedBytes).toBe(3);
    expect(verifyDecodeOptions({ maxBodyBytes: Infinity, maxQueuedBytes: 3 }).maxCollectedBytes).toBe(3);
  });

  it.each([
    ['/', ''],
    ['/app/', '/app'],
    ['/app//', '/app'],
    ['/a/b', '/a/b'],
  ])('should take the mount %s for %j', (mount, expected) => {
    expect(verifyDecodeOptions({ mount }).mount).toBe(expected);
  });
});

describe('handleScgi', () => {
  it.each([undefined, null, 'handler', {}])('should throw a TypeError for the handler %p', (handler) => {
    expect(() => handleScgi(handler as never)).toThrow(TypeError);
  });
});

/** Values that a handler may throw, however odd. */
import * as fc from 'fast-check';

const NO = (): never => {
  throw new Error('do not look');
};

/** A Proxy of which every use throws. */
export function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** An error that is its own cause, at second hand. */
export function circularError(): Error {
  const inner = new Error('inner');
  const outer = new Error('outer', { cause: inner });
  inner.cause = outer;
  return outer;
}

/** An error with properties of any kind, which hide those of its class. */
export function errorWith(properties: object): Error {
  const error = new Error('x');
  // Jest makes the stack when it is first asked for, and looks at the name and the message then.
  if (error.stack === undefined) return error;
  for (const [key, value] of Object.entries(properties)) {
    Object.defineProperty(error, key, { value: value as unknown });
  }
  return error;
}

/** An error of which a property throws when it is looked at. */
export function errorThrowingAt(key: string): Error {
  const error = errorWith({});
  return Object.defineProperty(error, key, { get: NO });
}

const circular: { self?: unknown } = {};
circular.self = circular;

/** A forged frame, as a client may bring it into a message, with a URL that is no path. */
export const FORGED = '\n    at file://[:1\n    at x (file:///etc/passwd:1:1)';

/** Odd values by name. */
export const ODD_VALUES: Record<string, () => unknown> = {
  'an object without a prototype': () => Object.create(null) as object,
  'a revoked Proxy': revokedProxy,
  'a Proxy whose traps throw': () => new Proxy({}, { get: NO, has: NO, getPrototypeOf: NO, ownKeys: NO }),
  'a toString that throws': () => ({ toString: NO }),
  'a toString that returns an object': () => ({ toString: () => ({}) }),
  'a toJSON that throws': () => ({ toJSON: NO }),
  'a toJSON that returns nothing': () => ({ toJSON: () => undefined }),
  'a circular object': () => circular,
  'a Symbol': () => Symbol('odd'),
  'a BigInt': () => 10n,
  nothing: () => undefined,
  null: () => null,
  'a function': () => NO,
  'an array': () => [1, [2]],
  'a circular chain of causes': circularError,
  'a message with frames': () => new Error(`no such: ${FORGED}`),
  'a message with frames at its end, changed later': () =>
    Object.assign(new Error(FORGED), { message: 'new' }),
  'an AggregateError': () => new AggregateError([revokedProxy()]),
  ...Object.fromEntries(
    ['name', 'message', 'stack', 'code', 'cause', 'errors'].flatMap((key) => [
      [`a ${key} that throws`, () => errorThrowingAt(key)],
      [`a ${key} that is a Symbol`, () => errorWith({ [key]: Symbol('odd') })],
      [`a ${key} that is a BigInt`, () => errorWith({ [key]: 10n })],
      [`a ${key} that is circular`, () => errorWith({ [key]: circular })],
      [`a ${key} that is a revoked Proxy`, () => errorWith({ [key]: revokedProxy() })],
      [`a ${key} without a prototype`, () => errorWith({ [key]: Object.create(null) as object })],
    ]),
  ),
};

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom(FORGED, '\n', ' ', '    at ', ': ', 'Error', '(', 'file:///a:1', '\u001b[2J'), {
      maxLength: 12,
    })
    .map((parts) => parts.join('')),
);

/** Makes a value when it is called: fast-check itself looks at the values that it generates. */
type Make = () => unknown;

/** Values that are large; few of them are enough. */
export const HUGE_VALUES: Record<string, Make> = {
  'a huge message': () => new Error(' '.repeat(300_000)),
  'a huge stack': () => errorWith({ stack: '    at x (file:///a:1:1)\n'.repeat(50_000) }),
  'a huge name': () => errorWith({ name: 'x'.repeat(300_000), code: 'x'.repeat(300_000) }),
  'a huge array': () => new Array<string>(1_000_000),
};

const anyValue: fc.Arbitrary<Make> = fc.oneof(
  fc.constantFrom(...Object.values(ODD_VALUES)),
  fc
    .oneof(text, fc.anything({ withBigInt: true, withNullPrototype: true, withTypedArray: true }))
    .map((value) => () => value),
);

const PROPERTIES = ['name', 'message', 'stack', 'code', 'cause', 'errors'] as const;

/** Anything: errors whose properties are anything, or throw; objects of any kind; texts with what looks like frames. */
export const thrownValue: fc.Arbitrary<Make> = fc.oneof(
  anyValue,
  fc
    .dictionary(fc.constantFrom(...PROPERTIES), anyValue)
    .map(
      (makers) => () =>
        errorWith(Object.fromEntries(Object.entries(makers).map(([key, make]) => [key, make()]))),
    ),
  text.map((message) => () => new TypeError(message, { cause: new Error(message) })),
  fc.constantFrom(...PROPERTIES).map((key) => () => errorThrowingAt(key)),
);

type Latin1 = typeof import('../../../lib/core/text/latin1.js');

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const EVERY_CHARACTER = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');

/** Above the number of arguments that `String.fromCharCode` is given at once, and no multiple of it. */
const LONG_BYTES = 10_001;

describe.each([
  ['with Buffer', load],
  ['without Buffer', loadWithoutBuffer],
])('latin1, %s', (_name, loadModule) => {
  let latin1: Latin1;
  beforeAll(async () => {
    latin1 = await loadModule();
  });

  it('should decode every byte to the character of the same number, including 80 to 9f', () => {
    expect(latin1.decodeLatin1(EVERY_BYTE)).toBe(EVERY_CHARACTER);
  });

  it('should encode every character up to ff to the byte of the same number', () => {
    expect(latin1.encodeLatin1(EVERY_CHARACTER)).toEqual(EVERY_BYTE);
  });

  it('should give plain Uint8Arrays, each with a buffer of its own, which may be transferred', () => {
    const bytes = latin1.encodeLatin1('a');
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
    expect(bytes.buffer.byteLength).toBe(1);
  });

  it('should decode a part of the bytes', () => {
    const bytes = latin1.encodeLatin1('0123456789');
    expect(latin1.decodeLatin1(bytes, 3)).toBe('3456789');
    expect(latin1.decodeLatin1(bytes, 3, 7)).toBe('3456');
    expect(latin1.decodeLatin1(bytes, 3, 3)).toBe('');
    expect(latin1.decodeLatin1(new Uint8Array(0))).toBe('');
  });

  it('should decode only the bytes of a view', () => {
    expect(latin1.decodeLatin1(latin1.encodeLatin1('0123456789').subarray(2, 5))).toBe('234');
  });

  it('should round-trip a long text', () => {
    const text = Array.from({ length: LONG_BYTES }, (_, index) => EVERY_CHARACTER.charAt(index % 251)).join(
      '',
    );
    expect(latin1.decodeLatin1(latin1.encodeLatin1(text))).toBe(text);
  });

  it('should write at an offset, and nowhere else', () => {
    const target = new Uint8Array(5).fill(0x2e);
    latin1.writeLatin1('\xe9A', target, 2);
    expect(Array.from(target)).toEqual([0x2e, 0x2e, 0xe9, 0x41, 0x2e]);
    latin1.writeLatin1('\xff', target);
    expect(Array.from(target)).toEqual([0xff, 0x2e, 0xe9, 0x41, 0x2e]);
  });
});

describe('latin1', () => {
  it('should use the functions of Buffer only where there is one', async () => {
    const native = jest.spyOn(Buffer.prototype as unknown as { latin1Slice: () => string }, 'latin1Slice');
    (await load()).decodeLatin1(EVERY_BYTE);
    expect(native).toHaveBeenCalledTimes(1);
    (await loadWithoutBuffer()).decodeLatin1(EVERY_BYTE);
    expect(native).toHaveBeenCalledTimes(1);
    native.mockRestore();
  });
});

async function load(): Promise<Latin1> {
  let loaded: Latin1 | undefined;
  await jest.isolateModulesAsync(async () => {
    loaded = await import('../../../lib/core/text/latin1.js');
  });
  return loaded as Latin1;
}

async function loadWithoutBuffer(): Promise<Latin1> {
  const { Buffer } = globalThis;
  Reflect.deleteProperty(globalThis, 'Buffer');
  try {
    return await load();
  } finally {
    globalThis.Buffer = Buffer;
  }
}

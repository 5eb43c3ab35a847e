/** The messages of the command name its flags, not the options that they become. */
import { firstValueFrom, of } from 'rxjs';
import { failuresInFlags, textInFlags } from '../../../lib/cli/log/in-flags.js';
import type { ScgiLimitErrorCode } from '../../../lib/core/errors/codes.js';
import { ScgiLimitError } from '../../../lib/core/errors/errors.js';
import { RequestReader, type ReaderOptions } from '../../../lib/core/index.js';
import { notAllowed, uploadTimeout } from '../../../lib/node/gateway/gateway-faults.js';

const BIG = '9:CONTENT_LENGTH';

/** The error that a server with these options has for these bytes. */
function faultOf(bytes: string, options: ReaderOptions): unknown {
  const reader = new RequestReader(options);
  reader.receiveData(Buffer.from(bytes, 'latin1'));
  try {
    for (;;) if (typeof reader.nextEvent() === 'symbol') return undefined;
  } catch (error) {
    return error;
  }
}

function requestOf(...pairs: string[]): string {
  const block = pairs.map((text) => `${text}\0`).join('');
  return `${block.length}:${block},`;
}

async function messageOf(error: unknown, options?: readonly string[]): Promise<unknown> {
  const event = await firstValueFrom(
    of({ type: 'failure' as const, error, request: undefined }).pipe(failuresInFlags(options)),
  );
  return (event as { error: { message: unknown } }).error.message;
}

const HEAD = ['CONTENT_LENGTH', '5', 'SCGI', '1'];

describe('failuresInFlags', () => {
  it.each<[string, string, ReaderOptions]>([
    ['--max-header-bytes', BIG, { maxHeaderBytes: 8 }],
    ['--max-headers', requestOf(...HEAD, 'A', 'a'), { maxHeaders: 2 }],
    ['--max-body-bytes', requestOf(...HEAD), { maxBodyBytes: 4 }],
    ['as --strict requires', requestOf('SCGI', '1', 'CONTENT_LENGTH', '0'), { strict: true }],
    ['set --lenient-content-length.', requestOf(...HEAD, 'HTTP_CONTENT_LENGTH', '6'), {}],
    ['serving without --no-lenient-duplicates joins', requestOf(...HEAD, 'A', 'a', 'A', 'b'), {}],
  ])('should name %s', async (flag, bytes, options) => {
    const error = faultOf(bytes, options);
    const message = await messageOf(error);
    expect(message).toContain(flag);
    expect(message).not.toMatch(/\b[a-z]+[A-Z]|: true/);
  });

  describe('of what only claims to be an error of the library', () => {
    const BRAND = Symbol.for('rxscgi.error');
    const throwing = Object.defineProperty({ [BRAND]: true }, 'message', {
      get: () => {
        throw new Error('looked at');
      },
    });
    const code = 'constructor';

    it.each<[string, unknown]>([
      ['a Proxy that answers true to everything', new Proxy({}, { get: () => true })],
      ['a message that throws when looked at', throwing],
      ['the code of no error', { [BRAND]: true, code, message: 'maxHeaders' }],
    ])('should leave %s as it is', async (_what, error) => {
      const event = { type: 'failure' as const, error, request: undefined };
      for (const options of [undefined, ['allowedHosts']]) {
        const seen = await firstValueFrom(of(event).pipe(failuresInFlags(options)));
        expect(Object.is(seen, event)).toBe(true);
      }
    });
  });

  it('should leave the rest of the error as it was', async () => {
    const { code, status } = notAllowed('evil.example');
    const event = { type: 'failure' as const, error: notAllowed('evil.example'), request: undefined };
    expect(await firstValueFrom(of(event).pipe(failuresInFlags(['allowedHosts'])))).toMatchObject({
      error: { code, status, message: 'the host "evil.example" is not one of --allowed-host' },
    });
  });

  it.each<[ScgiLimitErrorCode, string]>([
    ['ERR_SCGI_RESPONSE_HEAD_TIMEOUT', 'no head came within headersTimeoutMs'],
    ['ERR_SCGI_BODY_TOO_LARGE', 'raise maxQueuedBytes'],
  ])('should not offer a flag for what a call of a handler is limited by: %s', async (code, message) => {
    expect(await messageOf(new ScgiLimitError(code, message, 1, 2))).toBe(message);
  });

  it('should name no flag that the command does not have', async () => {
    expect(await messageOf(uploadTimeout(5), ['allowedHosts'])).toBe(uploadTimeout(5).message);
    expect(await messageOf(uploadTimeout(5), ['uploadTimeoutMs'])).toContain('--upload-timeout-ms, 5 ms');
  });

  it.each([new Error('maxBodyBytes'), 'maxBodyBytes', null])(
    'should leave an error of the application alone: %p',
    async (error) => {
      const event = { type: 'failure' as const, error, request: undefined };
      expect(await firstValueFrom(of(event).pipe(failuresInFlags()))).toBe(event);
    },
  );
});

describe('textInFlags', () => {
  it('should replace whole names alone', () => {
    expect(textInFlags('maxBody, maxBodyBytes, maxBodyBytesX', ['maxBodyBytes'])).toBe(
      'maxBody, --max-body-bytes, maxBodyBytesX',
    );
  });
});

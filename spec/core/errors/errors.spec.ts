import { LIMIT_STATUS, PROTOCOL_STATUS, USAGE_STATUS } from '../../../lib/core/errors/codes.js';
import {
  isScgiError,
  ScgiError,
  ScgiLimitError,
  ScgiProtocolError,
  ScgiUsageError,
} from '../../../lib/core/errors/errors.js';
import { factsOf } from '../../helpers/faults/error-facts.js';

type Errors = typeof import('../../../lib/core/errors/errors.js');

describe('ScgiProtocolError', () => {
  it.each(Object.entries(PROTOCOL_STATUS))('should have %s answered by %i', (code, status) => {
    const error = new ScgiProtocolError(code as keyof typeof PROTOCOL_STATUS, 'what', 7);
    expect(factsOf(error)).toEqual({ code, status, offset: 7 });
  });

  it('should name no byte when it is about none', () => {
    const error = new ScgiProtocolError('ERR_SCGI_CONNECT_FAILED', 'what', undefined);
    expect(error).toMatchObject({ message: 'what', offset: 0 });
    expect(new ScgiProtocolError('ERR_SCGI_PREMATURE_EOF', 'what', 0).message).toBe('what (at byte 0)');
  });

  it('should have a cause and a foreign protocol if given, and no own cause otherwise', () => {
    const cause = new Error('why');
    const error = new ScgiProtocolError('ERR_SCGI_BODY_JSON', 'what', 0, { cause, foreignProtocol: 'http' });
    expect([error.cause, error.foreignProtocol]).toEqual([cause, 'http']);
    expect(Object.keys(new ScgiProtocolError('ERR_SCGI_BODY_JSON', 'what', 0))).not.toContain('cause');
    expect('cause' in new ScgiProtocolError('ERR_SCGI_BODY_JSON', 'what', 0)).toBe(false);
  });

  it('should keep a cause that is undefined', () => {
    expect('cause' in new ScgiProtocolError('ERR_SCGI_BODY_JSON', 'what', 0, { cause: undefined })).toBe(
      true,
    );
  });
});

describe('ScgiLimitError', () => {
  it.each(Object.entries(LIMIT_STATUS))('should have %s answered by %i', (code, status) => {
    const error = new ScgiLimitError(code as keyof typeof LIMIT_STATUS, 'what', 10, 11);
    expect(factsOf(error)).toEqual({ code, status, limit: 10, actual: 11 });
    expect(error.offset).toBeUndefined();
  });

  it('should have an offset if given, even 0', () => {
    expect(new ScgiLimitError('ERR_SCGI_BODY_TOO_LARGE', 'what', 10, 11, 0).offset).toBe(0);
  });
});

describe('ScgiUsageError', () => {
  it.each(Object.entries(USAGE_STATUS))('should have %s answered by %i', (code, status) => {
    const error = new ScgiUsageError(code as keyof typeof USAGE_STATUS, 'what');
    expect(factsOf(error)).toEqual({ code, status });
  });
});

describe('ScgiError', () => {
  it.each([
    ['ScgiProtocolError', new ScgiProtocolError('ERR_SCGI_PREMATURE_EOF', 'what', 0)],
    ['ScgiLimitError', new ScgiLimitError('ERR_SCGI_BODY_TOO_LARGE', 'what', 1, 2)],
    ['ScgiUsageError', new ScgiUsageError('ERR_SCGI_EVENT_ORDER', 'what')],
  ])('should be the base class of %s, which has its own name', (name, error) => {
    expect(error).toBeInstanceOf(ScgiError);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe(name);
    expect(String(error).startsWith(`${name}: what`)).toBe(true);
  });
});

describe('isScgiError', () => {
  it.each([
    new ScgiProtocolError('ERR_SCGI_PREMATURE_EOF', 'what', 0),
    new ScgiLimitError('ERR_SCGI_BODY_TOO_LARGE', 'what', 1, 2),
    new ScgiUsageError('ERR_SCGI_EVENT_ORDER', 'what'),
  ])('should return true for %s', (error) => {
    expect(isScgiError(error)).toBe(true);
  });

  it.each([[undefined], [null], [0], ['ERR_SCGI_EVENT_ORDER'], [{}], [new Error('what')], [Symbol('s')]])(
    'should return false for %p',
    (value) => {
      expect(isScgiError(value)).toBe(false);
    },
  );

  it('should be false for an object that only has the code', () => {
    expect(isScgiError(Object.assign(new Error('what'), { code: 'ERR_SCGI_EVENT_ORDER' }))).toBe(false);
  });

  it('should be true for an error of another copy of the package, where instanceof is false', async () => {
    let other: Errors | undefined;
    await jest.isolateModulesAsync(async () => {
      other = await import('../../../lib/core/errors/errors.js');
    });
    const { ScgiUsageError: OtherUsageError } = other as Errors;
    const error = new OtherUsageError('ERR_SCGI_EVENT_ORDER', 'what');
    expect(error).not.toBeInstanceOf(ScgiUsageError);
    expect(isScgiError(error)).toBe(true);
  });
});

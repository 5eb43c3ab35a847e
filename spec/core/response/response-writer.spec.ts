import type { ResponseEvent, ResponseHeadInit } from '../../../lib/core/events.js';
import type { HeadContext } from '../../../lib/core/response/response-head.js';
import { ResponseWriter } from '../../../lib/core/response/response-writer.js';
import { codeThrownBy, factsThrownBy } from '../../helpers/faults/error-facts.js';
import { show, wire } from '../../helpers/wire/wire.js';

const EVENT_ORDER = { code: 'ERR_SCGI_EVENT_ORDER', status: 500 };
const BODY_LENGTH = { code: 'ERR_SCGI_BODY_LENGTH', status: 500 };
const REDIRECT_HEADERS = { code: 'ERR_SCGI_REDIRECT_HEADERS', status: 500 };

const HTML = { 'Content-Type': 'text/html' };
const FIVE = { headers: { 'Content-Length': '5' } };
const LOCAL = { headers: { Location: '/other' } };
const HEAD = { requestMethod: 'HEAD' };
const EVENTS: readonly ResponseEvent[] = [
  { type: 'response-headers', ...FIVE },
  { type: 'response-body', data: wire('hello') },
  { type: 'response-end' },
];

describe('ResponseWriter', () => {
  describe('bytes', () => {
    it.each<[string, ResponseHeadInit, string, HeadContext?]>([
      [
        'a document',
        { status: 404, headers: { ...HTML, 'Set-Cookie': ['a=1', 'b=\xe9'] } },
        'Status: 404 Not Found\r\nContent-Type: text/html\r\nSet-Cookie: a=1\r\nSet-Cookie: b=\xe9\r\n\r\nhello',
      ],
      [
        'a document of known length',
        { headers: HTML },
        'Status: 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello',
        { bodyLength: 5 },
      ],
      [
        'a client redirect with a document',
        { status: 301, headers: { Location: 'http://a/', ...HTML } },
        'Status: 301 Moved Permanently\r\nContent-Type: text/html\r\nLocation: http://a/\r\n\r\nhello',
      ],
      ['an answer to HEAD', FIVE, 'Status: 200 OK\r\nContent-Length: 5\r\n\r\n', HEAD],
      ['204', { status: 204 }, 'Status: 204 No Content\r\n\r\n'],
      ['304', { status: 304, headers: { ETag: '"e"' } }, 'Status: 304 Not Modified\r\nETag: "e"\r\n\r\n'],
    ])('should be those of %s', (_name, init, expected, context = {}) => {
      expect(write(new ResponseWriter(), init, context, ['hello'])).toBe(expected);
      expect(write(new ResponseWriter(), init, context, ['he', '', 'llo'])).toBe(expected);
    });

    it.each<[string, ResponseHeadInit, string]>([
      ['a local redirect', LOCAL, 'Location: /other\r\n\r\n'],
      [
        'a client redirect',
        { headers: { Location: 'http://a/' } },
        'Status: 302 Found\r\nLocation: http://a/\r\n\r\n',
      ],
    ])('should be those of %s', (_name, init, expected) => {
      expect(write(new ResponseWriter(), init)).toBe(expected);
      expect(write(new ResponseWriter(), init, {}, [''])).toBe(expected);
    });

    it('should be the chunks of the body themselves, not copies, after the head', () => {
      const writer = new ResponseWriter();
      const data = wire('hello');
      writer.writeHead({});
      expect(writer.writeBody(data)).toBe(data);
      expect(writer.writeBody('text')).toBe('text');
    });
  });

  it.each<[string, ResponseHeadInit, HeadContext, number, string]>([
    ['a document', { status: 404 }, {}, 404, 'sent'],
    ['a document to HEAD', { status: '404 Gone Fishing' }, HEAD, 404, 'dropped'],
    ['204', { status: 204 }, {}, 204, 'dropped'],
    ['304', { status: 304 }, {}, 304, 'dropped'],
    ['a local redirect', LOCAL, {}, 302, 'forbidden'],
    ['a client redirect', { headers: { Location: 'http://a/' } }, {}, 302, 'sent'],
  ])('should know the status and what becomes of the body of %s', (_name, init, context, status, policy) => {
    const writer = new ResponseWriter();
    expect([writer.status, writer.bodyPolicy]).toEqual([undefined, undefined]);
    writer.writeHead(init, context);
    expect([writer.status, writer.bodyPolicy]).toEqual([status, policy]);
  });

  describe('ERR_SCGI_BODY_LENGTH', () => {
    it('should be raised by the chunk with the first surplus byte', () => {
      const writer = begun(FIVE);
      writer.writeBody(wire('hel'));
      writer.writeBody(wire('lo'));
      writer.writeBody(wire(''));
      expect(factsThrownBy(() => writer.writeBody(wire('!')))).toEqual(BODY_LENGTH);
    });

    it('should be raised for text, each character of which is a byte', () => {
      const writer = begun(FIVE);
      writer.writeBody('h\xe9ll');
      writer.writeBody(wire('o'));
      expect(factsThrownBy(() => writer.writeBody('!'))).toEqual(BODY_LENGTH);
    });

    it.each(['', 'h', 'hell'])('should be raised at the end after %j of 5 bytes', (body) => {
      const writer = begun(FIVE);
      writer.writeBody(wire(body));
      expect(factsThrownBy(() => writer.end())).toEqual(BODY_LENGTH);
    });

    it('should be raised for the length that the writer filled in, too', () => {
      const shorter = begun({}, { bodyLength: 5 });
      shorter.writeBody(wire('hell'));
      expect(factsThrownBy(() => shorter.end())).toEqual(BODY_LENGTH);
      const longer = begun({}, { bodyLength: 5 });
      expect(factsThrownBy(() => longer.writeBody(wire('hello!')))).toEqual(BODY_LENGTH);
    });

    it.each<[string, ResponseHeadInit, HeadContext]>([
      ['HEAD', FIVE, HEAD],
      ['204', { status: 204, ...FIVE }, {}],
      ['304', { status: 304, ...FIVE }, {}],
      ['a body of unknown length', {}, {}],
    ])('should not be raised for %s, whatever comes', (_name, init, context) => {
      for (const body of [[], ['hello'], ['more', 'than', 'five']]) {
        const writer = begun(init, context);
        for (const chunk of body) writer.writeBody(wire(chunk));
        expect(() => writer.end()).not.toThrow();
      }
    });
  });

  describe('ERR_SCGI_REDIRECT_HEADERS', () => {
    it('should be raised by a body of a local redirect', () => {
      expect(factsThrownBy(() => begun(LOCAL).writeBody(wire('x')))).toEqual(REDIRECT_HEADERS);
    });

    it('should not be raised by an empty one', () => {
      const writer = begun(LOCAL);
      expect(writer.writeBody(wire(''))).toBeUndefined();
      expect(() => writer.end()).not.toThrow();
    });
  });

  describe('ERR_SCGI_EVENT_ORDER', () => {
    const failed = (): ResponseWriter => {
      const writer = new ResponseWriter();
      expect(codeThrownBy(() => writer.writeHead({ status: 1 }))).toBe('ERR_SCGI_STATUS_INVALID');
      return writer;
    };

    it.each<[string, () => ResponseWriter, (writer: ResponseWriter) => void]>([
      ['a body before the head', fresh, (writer) => writer.writeBody(wire('x'))],
      ['an empty body before the head', fresh, (writer) => writer.writeBody(wire(''))],
      ['an end before the head', fresh, (writer) => writer.end()],
      ['a second head', begun, (writer) => writer.writeHead({})],
      ['a close inside the response', begun, (writer) => writer.close()],
      ['a head after the end', ended, (writer) => writer.writeHead({})],
      ['a body after the end', ended, (writer) => writer.writeBody(wire('x'))],
      ['a second end', ended, (writer) => writer.end()],
      ['a head after a fault', failed, (writer) => writer.writeHead({})],
      ['a body after a fault', failed, (writer) => writer.writeBody(wire('x'))],
      ['an end after a fault', failed, (writer) => writer.end()],
    ])('should be raised by %s', (_name, make, action) => {
      const writer = make();
      expect(factsThrownBy(() => action(writer))).toEqual(EVENT_ORDER);
    });

    it('should be raised by an end after a body that was refused: it must not look complete', () => {
      const writer = begun(FIVE);
      expect(factsThrownBy(() => writer.writeBody(wire('hello!')))).toEqual(BODY_LENGTH);
      expect(factsThrownBy(() => writer.end())).toEqual(EVENT_ORDER);
    });

    it.each([
      ['after the end', ended],
      ['after a fault', failed],
    ])('should not be raised by a close %s', (_name, make) => {
      const writer = make();
      expect(() => writer.close()).not.toThrow();
    });
  });
});

describe('ResponseWriter#close', () => {
  it('should raise ERR_SCGI_NO_RESPONSE before the head', () => {
    expect(codeThrownBy(() => fresh().close())).toBe('ERR_SCGI_NO_RESPONSE');
  });
});

describe('ResponseWriter#send', () => {
  it('should give the bytes of each event, and pass through the states', () => {
    const writer = new ResponseWriter();
    const sent = EVENTS.map((event) => [writer.state, show(writer.send(event))]);
    expect(sent).toEqual([
      ['head', 'Status: 200 OK\r\nContent-Length: 5\r\n\r\n'],
      ['body', 'hello'],
      ['body', ''],
    ]);
    expect(writer.state).toBe('done');
  });

  it('should give nothing for the body of an answer to HEAD', () => {
    const writer = new ResponseWriter();
    const [head, body, end] = EVENTS.map((event) => show(writer.send(event, HEAD)));
    expect([head, body, end]).toEqual(['Status: 200 OK\r\nContent-Length: 5\r\n\r\n', '', '']);
  });

  it.each(['hello', undefined, null, 5, new DataView(new ArrayBuffer(2)), new Uint16Array(2)])(
    'should refuse %p as data with ERR_SCGI_BODY_TYPE, and send no more',
    (data) => {
      const writer = begun();
      const event = { type: 'response-body', data } as unknown as ResponseEvent;
      expect(codeThrownBy(() => writer.send(event))).toBe('ERR_SCGI_BODY_TYPE');
      expect(writer.state).toBe('failed');
    },
  );

  it('should throw a TypeError for an unknown event', () => {
    expect(() => fresh().send({ type: 'response_body' } as unknown as ResponseEvent)).toThrow(TypeError);
  });
});

function fresh(): ResponseWriter {
  return new ResponseWriter();
}

function begun(init: ResponseHeadInit = {}, context: HeadContext = {}): ResponseWriter {
  const writer = new ResponseWriter();
  writer.writeHead(init, context);
  return writer;
}

function ended(): ResponseWriter {
  const writer = begun();
  writer.end();
  return writer;
}

/** Writes a whole response, its body in chunks. */
function write(
  writer: ResponseWriter,
  init: ResponseHeadInit,
  context?: HeadContext,
  chunks: string[] = [],
): string {
  let written = writer.writeHead(init, context);
  for (const chunk of chunks) written += show(writer.writeBody(wire(chunk)) ?? wire(''));
  writer.end();
  return written;
}

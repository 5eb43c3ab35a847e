/** Writes an exchange as a marble test for `rxscgi/testing`, which passes as it is: a handler that does what was recorded stands in for yours. */
import { titleOf } from '../exchanges/explain.js';
import { framesOf, marbles, quoted } from './marble-lines.js';
import { hasNoBody, recordingOf } from './recording.js';

const MAX_BYTES = 32 * 1024 * 1024;
const LARGE_BODY = 1024 * 1024;
const LETTERS = 'abcdefgijklmnopqrsuvwxyz';
const LATIN1 = `/** Bytes from ISO-8859-1. What the live view did not keep is filled with dots. */
const latin1 = (text, length = text.length) =>
  Uint8Array.from(text.padEnd(length, '.'), (character) => character.charCodeAt(0));
`;

/** @returns `{ text }`, or `{ reason }` when no test can be written. */
export function marbleTestOf(exchange) {
  if (exchange.requestAt === undefined) return faultTestOf(exchange);
  if (Math.max(exchange.contentLength, exchange.totals.chunks) > MAX_BYTES)
    return { reason: 'Not for bodies above 32 MiB.' };
  if (exchange.dropped.events > 0)
    return { reason: 'The live view has not kept all events of this exchange.' };
  const recording = recordingOf(exchange);
  if (recording.chunks.length > LETTERS.length)
    return { reason: 'The response is too large: there is a letter for each 256 KiB.' };
  return { text: exchangeTest(exchange, recording) };
}

/** A request whose head is faulty. */
function faultTestOf({ errors, received, totals }) {
  const fault = errors.find(({ where }) => where === 'request');
  if (!fault || received === undefined) return { reason: 'There is no request to test yet.' };
  if (/_TIMEOUT$/.test(fault.code))
    return { reason: 'The request did not come in time: there is nothing to replay.' };
  const end = netstringEnd(received);
  const isEarly = ['ERR_SCGI_NETSTRING_LENGTH', 'ERR_SCGI_HEADERS_TOO_LARGE'].includes(fault.code);
  if (!isEarly && totals.in > received.length && !(end <= received.length))
    return {
      reason:
        'The live view has kept only the first 4,096 bytes of the input, and the fault depends on later ones.',
    };
  const facts = [
    `code: ${quoted(fault.code)}`,
    ...(fault.offset === undefined ? [] : [`offset: ${fault.offset}`]),
  ];
  return {
    text: `// Recorded by the live view of rxscgi.
import { decodeScgi } from 'rxscgi';
import { scgiScheduler } from 'rxscgi/testing';

${LATIN1}
it(${quoted(`should refuse the request with ${fault.code}`)}, () => {
  scgiScheduler().run(({ cold, expectObservable }) => {
    const received = latin1(${quoted(received)});
    const requests = cold('(a|)', { a: received }).pipe(decodeScgi({ lenientDuplicates: true }));
    expectObservable(requests).toBe('#', undefined, { ${facts.join(', ')} });
  });
});
`,
  };
}

/** Where the head ends, as its netstring says; NaN if it says nothing. */
function netstringEnd(received) {
  const digits = /^[0-9]{1,9}(?=:)/.exec(received)?.[0];
  return digits === undefined ? NaN : digits.length + Number(digits) + 2;
}

function exchangeTest(exchange, recording) {
  const { outcome, fault, requestAt, responseAt, chunks, endAt, input, inputHolds, outputHolds } = recording;
  const isLeft = outcome === 'left';
  const isEof = fault?.code === 'ERR_SCGI_PREMATURE_EOF';
  const inputEndAt = isEof ? (recording.inputEndAt ?? endAt) : undefined;
  const holds = [...inputHolds, ...outputHolds];
  const frameOf = framesOf(
    [
      requestAt,
      ...(responseAt === undefined ? [] : [responseAt]),
      ...chunks.map(({ at }) => at),
      ...input.later.map(({ at }) => at),
      ...holds.flatMap(({ from, to }) => [from, to]),
      ...(inputEndAt === undefined ? [] : [inputEndAt]),
      endAt,
    ],
    (time) =>
      chunks.filter(({ at }) => at === time).length +
      (outputHolds.some(({ to }) => to === time) ? chunks.length + 2 : 0),
  );
  /** When something goes out that is given at a time. */
  const outAt = (time) => frameOf(outputHolds.find(({ from, to }) => time > from && time < to)?.to ?? time);

  const letters = chunks.map((_, i) => LETTERS[i]);
  const [H, E] = [frameOf(requestAt), frameOf(endAt)];
  const R = responseAt === undefined ? undefined : frameOf(responseAt);
  const lines = [];
  const names = new Set();
  if (holds.length > 0)
    lines.push(
      'const flow = createFlow();',
      ...holdLines('Input', inputHolds, frameOf),
      ...holdLines('Output', outputHolds, frameOf),
    );
  if (fault && !isEof)
    lines.push(
      `const failure = Object.assign(new Error(${quoted(fault.message)}), { code: ${quoted(fault.code)} });`,
    );
  lines.push('', '// Stands in for your handler, and does what was recorded: put yours in its place.');
  const takes = recording.takesBody ? '{ body: upload }' : '';
  const take = recording.takesBody ? ['  upload.subscribe({ error: () => {} });'] : [];

  const out = [];
  const values = [];
  if (R === undefined) {
    // It fails, or never answers.
    const answer =
      fault && !isEof ? `cold(${quoted(marbles([[E, '#']], H))}, undefined, failure)` : `cold('-')`;
    lines.push(`const response = ${answer};`);
  } else {
    const hasBody = chunks.length > 0 || outcome !== 'complete' || (E > R && !hasNoBody(exchange));
    if (hasBody) {
      const end = outcome === 'complete' ? [[E, '|']] : outcome === 'cut' ? [[E, '#']] : [];
      const parts = marbles([...chunks.map(({ at }, i) => [frameOf(at), letters[i]]), ...end], R);
      lines.push(`const chunks = ${chunkValues(exchange, chunks, letters)};`);
      lines.push(
        `const body = cold(${quoted(parts || '-')}, chunks${outcome === 'cut' ? ', failure' : ''});`,
      );
      values.push('...chunks');
    }
    const head = `status: ${exchange.status}, headers`;
    lines.push(
      `const headers = [${exchange.headers
        .filter(({ name }) => name.toLowerCase() !== 'status')
        .map(fieldOf)
        .join(', ')}];`,
    );
    lines.push(
      `const response = cold(${quoted(marbles([[R, 'r|']], H))}, { r: { ${head}${hasBody ? ', body' : ''} } });`,
    );
    values.unshift(`h: { ${head} }`);
    out.push([outAt(responseAt), 'h'], ...chunks.map(({ at }, i) => [outAt(at), letters[i]]));
    if (outcome === 'complete') out.push([hasBody ? outAt(endAt) : outAt(responseAt), '|']);
  }
  if (fault) out.push([isEof ? frameOf(inputEndAt) : E, '#']);
  lines.push(`const handler = (${takes}) => {`, ...take, '  return response;', '};');

  lines.push(...requestLines(exchange), ...sendLines(exchange, input, frameOf, inputEndAt, requestAt));
  const options = [
    ...(holds.length > 0 ? ['flow'] : []),
    'send',
    ...(exchange.contentLength > LARGE_BODY ? [`maxBodyBytes: ${exchange.contentLength}`] : []),
  ];
  lines.push('', `const result = streamHandler(handler, request, { ${options.join(', ')} });`);
  const when = isLeft
    ? `, ${quoted(
        marbles([
          [0, '^'],
          [E, '!'],
        ]),
      )}`
    : '';
  const error = fault ? (isEof ? `, { code: ${quoted(fault.code)} }` : ', failure') : '';
  const expected = values.length > 0 ? `{ ${values.join(', ')} }` : 'undefined';
  const marks = quoted(marbles(sorted(out)) || '-');
  if (isLeft) lines.push('// The client leaves, and the handler is unsubscribed.');
  lines.push(`expectObservable(result${when}).toBe(${marks}, ${expected}${error});`);
  if (isLeft) {
    const left = R === undefined ? ['response', H] : ['body', outAt(responseAt)];
    lines.push(
      `expectSubscriptions(${left[0]}.subscriptions).toBe(${quoted(
        marbles([
          [left[1], '^'],
          [E, '!'],
        ]),
      )});`,
    );
    names.add('expectSubscriptions');
  }
  if (inputHolds.length > 0 && !isLeft) {
    lines.push('// The brake: true while the client is not read.');
    const pauses = inputHolds.flatMap(({ from, to }) => [
      [frameOf(from), 't'],
      [frameOf(to), 'f'],
    ]);
    lines.push(
      `expectObservable(flow.inputPaused).toBe(${quoted(marbles([[0, 'f'], ...pauses]))}, { t: true, f: false });`,
    );
  }
  const title = titleOf(exchange);
  const helpers = ['cold', ...(holds.length > 0 ? ['hot'] : []), 'expectObservable', ...names];
  return `// ${title.replace(/[^ -~]/g, '?')}, recorded by the live view of rxscgi.
${holds.length > 0 ? "import { createFlow } from 'rxscgi';\n" : ''}import { cut, scgiScheduler, streamHandler } from 'rxscgi/testing';

${LATIN1}
it(${quoted(`should ${verbOf(outcome, exchange, fault)} ${title}`)}, () => {
  scgiScheduler().run(({ ${helpers.join(', ')} }) => {
${lines.map((line) => (line === '' ? '' : `    ${line}`)).join('\n')}
  });
});
`;
}

function verbOf(outcome, { status }, fault) {
  if (outcome === 'complete') return `answer ${status} to`;
  return outcome === 'left' ? 'be left by the client of' : `fail with ${fault.code} at`;
}

function holdLines(direction, holds, frameOf) {
  if (holds.length === 0) return [];
  const causes = [...new Set(holds.flatMap((hold) => hold.causes))].join(', ').replace(/[^ -~]/g, '?');
  const marks = holds.flatMap(({ from, to }) => [
    [frameOf(from), 't'],
    [frameOf(to), 'f'],
  ]);
  return [
    `// Held by: ${causes}. Leave this out when your handler does that itself.`,
    `flow.hold${direction}(hot(${quoted(marbles(marks))}, { t: true, f: false }));`,
  ];
}

function chunkValues({ responseText }, chunks, letters) {
  let start = 0;
  const values = chunks.map(({ bytes }, i) => {
    const text = responseText.slice(start, start + bytes);
    start += bytes;
    return `${letters[i]}: latin1(${quoted(text)}${text.length < bytes ? `, ${bytes}` : ''})`;
  });
  return `{ ${values.join(', ')} }`;
}

function requestLines({ variables, contentLength, bodyText }) {
  const own = variables.filter(({ name }) => name !== 'CONTENT_LENGTH' && name !== 'SCGI');
  const body =
    contentLength === 0
      ? []
      : [`  body: latin1(${quoted(bodyText.slice(0, contentLength))}, ${contentLength}),`];
  return [
    '',
    'const request = {',
    '  variables: {',
    ...own.map((field) => `    ${keyOf(field.name)}: ${valueOf(field)},`),
    '  },',
    ...body,
    '};',
  ];
}

function sendLines({ contentLength }, { first, later }, frameOf, inputEndAt, requestAt) {
  const start = frameOf(requestAt);
  const pieces = [{ at: requestAt }, ...later];
  const names = LETTERS.split('').slice(0, pieces.length);
  const sizes = [
    contentLength === first ? 'bytes.length' : `bytes.length - ${contentLength - first}`,
    ...later.map(({ bytes }) => bytes),
  ];
  const marks = sorted([
    ...pieces.map(({ at }, i) => [Math.max(start, frameOf(at)), names[i]]),
    ...(inputEndAt === undefined ? [] : [[frameOf(inputEndAt), '|']]),
  ]);
  return [
    'const send = (bytes) => {',
    `  const [${names.join(', ')}] = cut(bytes, ${sizes.join(', ')});`,
    `  return cold(${quoted(marbles(marks))}, { ${names.join(', ')} });`,
    '};',
  ];
}

/** Computed where it is odd: `__proto__` would not be a key of its own. */
function keyOf(name) {
  return /^[A-Za-z]\w*$/.test(name) ? name : `[${quoted(name)}]`;
}

function valueOf({ value, length }) {
  return length > value.length ? `${quoted(value)}.padEnd(${length}, '.')` : quoted(value);
}

function fieldOf(field) {
  return `[${quoted(field.name)}, ${valueOf(field)}]`;
}

function sorted(events) {
  return [...events].sort((a, b) => a[0] - b[0]);
}

/** The sections of the details: errors, who braked whom, the head of the response, variables, chunks, and the marble test. */
import { element, table } from '../element.js';
import { explainCause } from '../exchanges/explain.js';
import { formatBytes, formatCount, formatMs, printable } from '../format.js';
import { marbleTestOf } from '../marble-test/marble-test.js';

/** Of each table. */
const MAX_ROWS = 200;
/** Bytes shown before and after a faulty one. */
const AROUND = 24;

export function sectionsOf(exchange, now) {
  const { status, answeredBy, headers, variables } = exchange;
  const answer = `Response ${status ?? ''}${answeredBy === 'error' ? ', made from the error' : ''}`;
  return [
    errorsOf(exchange),
    brakesOf(exchange, now),
    fieldsOf('response', answer, headers),
    fieldsOf('variables', 'Request variables', variables),
    chunksOf(exchange),
    testOf(exchange),
  ].filter((each) => each !== undefined);
}

function errorsOf({ errors, openAt, received }) {
  if (errors.length === 0) return undefined;
  const box = section('errors', 'Errors');
  for (const { at, where, code, offset, message, place } of errors) {
    const byte = offset === undefined ? '' : ` at byte ${formatCount(offset)}`;
    box.append(element('p', 'error-code', printable(code) + byte));
    box.append(element('p', 'error-message', printable(message, 1000)));
    if (place !== undefined) box.append(element('p', 'error-place', printable(place, 1000)));
    if (received !== undefined && offset !== undefined) box.append(excerptOf(received, offset));
    box.append(element('p', 'quiet', `${where}, after ${formatMs(at - openAt)}`));
  }
  return box;
}

/** The bytes around the faulty one. */
function excerptOf(received, offset) {
  const from = Math.max(0, offset - AROUND);
  const faulty = received.slice(offset, offset + 1);
  const after = received.slice(offset + 1, offset + 1 + AROUND);
  const box = element('pre', 'excerpt', (from > 0 ? '…' : '') + printable(received.slice(from, offset)));
  box.append(element('mark', '', faulty === '' ? '(end)' : printable(faulty)), printable(after));
  return box;
}

function brakesOf({ inputPaused, outputPaused, openAt }, now) {
  const spans = [
    ...inputPaused.map((span) => ({ gate: 'inputPaused', ...span })),
    ...outputPaused.map((span) => ({ gate: 'outputPaused', ...span })),
  ].sort((a, b) => a.from - b.from);
  if (spans.length === 0) return undefined;
  const box = section('brakes', 'Who braked whom');
  for (const cause of new Set(spans.flatMap(({ causes }) => causes))) {
    const line = element('p', '');
    line.append(element('b', '', printable(cause, 60)), ` ${explainCause(cause)}`);
    box.append(line);
  }
  const cells = spans.map(({ gate, from, to, causes, count }) => [
    formatMs(from - openAt),
    gate,
    formatMs((to ?? now) - from) + (to === undefined ? ' …' : '') + (count > 1 ? ` (${count} times)` : ''),
    causes.map((each) => printable(each, 60)).join(', '),
  ]);
  return addTable(box, ['after', 'gate', 'for', 'held by'], cells);
}

function fieldsOf(name, title, fields) {
  if (fields.length === 0) return undefined;
  const box = section(name, title);
  const list = element('dl');
  for (const { name: field, value, length } of fields) {
    const rest = length - value.length;
    const more = rest > 0 ? `… (${formatCount(rest)} more are not kept)` : '';
    list.append(element('dt', '', printable(field)), element('dd', '', printable(value, 1000) + more));
  }
  box.append(list);
  return box;
}

function chunksOf({ bytesIn, body, chunks, bytesOut, openAt, dropped }) {
  const runs = [
    ...bytesIn.map((run) => ({ row: 'bytes in', ...run })),
    ...body.map((run) => ({ row: 'request.body', ...run })),
    ...chunks.map((run) => ({ row: 'response', ...run })),
    ...bytesOut.map((run) => ({ row: 'bytes out', ...run })),
  ].sort((a, b) => a.at - b.at);
  if (runs.length === 0) return undefined;
  const cells = runs.map(({ row, at, bytes, count }) => [
    formatMs(at - openAt),
    row,
    `${formatCount(bytes)} B${count > 1 ? ` in ${formatCount(count)} chunks` : ''}`,
  ]);
  const box = addTable(section('chunks', 'Chunks'), ['after', 'row', 'size'], cells);
  if (dropped.events > 0) {
    const text = `${formatCount(dropped.events)} more events with ${formatBytes(dropped.bytes)} were not recorded.`;
    box.append(element('p', 'quiet', text));
  }
  return box;
}

function testOf(exchange) {
  const box = section('test', 'Marble test');
  const { text, reason } = marbleTestOf(exchange);
  if (text === undefined) {
    box.append(element('p', 'quiet', reason));
    return box;
  }
  const code = element('pre', 'code', text);
  code.tabIndex = 0;
  code.setAttribute('aria-label', 'Marble test');
  box.append(code);
  return box;
}

function section(name, title) {
  const box = element('section', `section section-${name}`);
  box.append(element('h3', '', title));
  return box;
}

function addTable(box, names, cells) {
  box.append(table(names, cells.slice(0, MAX_ROWS)));
  if (cells.length > MAX_ROWS)
    box.append(element('p', 'quiet', `and ${formatCount(cells.length - MAX_ROWS)} more`));
  return box;
}

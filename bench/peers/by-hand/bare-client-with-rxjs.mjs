/**
 * bare-client.mjs with the interface of `scgiRequest`: an Observable of a response whose text is an Observable, too. Unsubscribing closes the
 * connection, and connecting, the head and the body have a timeout each, which one sweep checks. It has no brake, no stream of the body and no
 * signal: shows what RxJS and timeouts take.
 */
import { connect } from 'node:net';
import { rxjs } from '../../helpers/build.mjs';
import { headOf, MAX_BODY_BYTES } from './bare-client.mjs';
import { BareResponseParser } from './bare-response-parser.mjs';

const { Observable } = rxjs;
const CONNECT_MS = 10_000;
const HEAD_MS = 60_000;
const BODY_MS = 30_000;
const TICK_MS = 100;

/** Dense: a Set makes a new table now and then, and V8 keeps the old ones with their contents. */
const calls = [];
let tick;

export function observableCall(target, request) {
  return new Observable((subscriber) => {
    const call = new Call(target, request, subscriber);
    return () => call.left();
  });
}

class Call {
  chunks = [];
  bytes = 0;
  reader;
  index;
  deadline;
  closed = false;

  constructor(target, { method, uri, headers }, subscriber) {
    const head = headOf(method, uri, headers);
    this.subscriber = subscriber;
    this.parser = new BareResponseParser(method);
    this.socket = connect(target);
    this.take = (part) => {
      this.chunks.push(part);
      this.bytes += part.length;
      if (this.bytes > MAX_BODY_BYTES) throw new Error('the body is too long');
    };
    this.expectWithin(CONNECT_MS);
    this.index = calls.push(this) - 1;
    tick ??= setInterval(sweep, TICK_MS);
    tick.ref();
    this.socket.on('connect', () => this.expectWithin(HEAD_MS));
    this.socket.on('error', (error) => this.fail(error));
    this.socket.on('data', (chunk) => this.push(chunk));
    this.socket.on('end', () => this.finish());
    this.socket.write(head, 'latin1');
  }

  get status() {
    return this.parser.status;
  }

  text() {
    return new Observable((reader) => {
      this.reader = reader;
      return () => this.left();
    });
  }

  expectWithin(ms) {
    this.deadline = performance.now() + ms;
  }

  push(chunk) {
    const { parser } = this;
    try {
      this.expectWithin(BODY_MS);
      const isHead = parser.fields === undefined;
      parser.push(chunk, this.take);
      if (isHead && parser.fields !== undefined) this.subscriber.next(this);
      if (parser.complete) this.finish();
    } catch (error) {
      this.fail(error);
    }
  }

  finish() {
    if (this.closed) return;
    try {
      this.parser.end();
    } catch (error) {
      this.fail(error);
      return;
    }
    this.close();
    this.reader?.next(Buffer.concat(this.chunks).toString());
    this.reader?.complete();
    this.subscriber.complete();
  }

  fail(error) {
    if (this.closed) return;
    this.close();
    this.reader?.error(error);
    this.subscriber.error(error);
  }

  /** The result or the text has been unsubscribed. */
  left() {
    if (this.subscriber.closed && (this.reader === undefined || this.reader.closed)) this.close();
  }

  close() {
    if (this.closed) return;
    this.closed = true;
    const last = calls.pop();
    if (last !== this) calls[(last.index = this.index)] = last;
    this.socket.destroy();
  }
}

function sweep() {
  const now = performance.now();
  for (const call of [...calls])
    if (now > call.deadline) call.fail(new Error('the application does not answer'));
  if (calls.length === 0) tick.unref();
}

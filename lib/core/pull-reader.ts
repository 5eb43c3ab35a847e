/** What pulled readers share: data is pushed into a parser, and its events wait until somebody asks for them. */
import { ScgiUsageError } from './errors/errors.js';
import { isBytes } from './text/latin1.js';
import { quotedChunk } from './text/quoted.js';

/** What `nextEvent` returns when more data is needed first. The same in each copy of the package. */
export const NEED_DATA: unique symbol = Symbol.for('rxscgi.NEED_DATA');

/** Bytes that are counted ahead, at most, also in a body of unknown length. Engines calculate fastest with small numbers. */
const MOST_AHEAD = 1_048_576;

/** Where a reader is: in the head of the message, in its body, after its end, or after a fault. */
export type ReaderState = 'head' | 'body' | 'done' | 'failed';

/** A machine that calls a sink. */
export interface PushParser {
  /** Counts up to `most` bytes of the body that are still to come, and never its last one. @returns how many; 0 outside the body. */
  countAhead(most: number): number;
  /** Takes back bytes that were counted and have not come. */
  uncount(bytes: number): void;
  /** Takes what is known to be bytes. */
  pushBytes(chunk: Uint8Array): void;
  end(): void;
}

interface ReaderEvent {
  readonly type: string;
}

/**
 * What all readers do: take bytes as they come, and return events when they are asked.
 *
 * @typeParam Event - its events.
 */
export abstract class PullReader<Event extends ReaderEvent> {
  /** @internal The sink of the parser adds to it. */
  protected readonly events: Event[] = [];
  /** @internal */
  protected abstract readonly parser: PushParser;
  private currentState: ReaderState = 'head';
  private fault: { readonly error: unknown } | undefined;
  private ended = false;
  /** A chunk that is all body, unless events wait before it. Its event is made when it is asked for, which costs half. */
  private bodyChunk: Uint8Array | undefined;
  /** Bytes of the body that the parser has counted and that have not come. Until they have, chunks need not pass the parser. */
  private ahead = 0;

  /** The state after the events that `nextEvent` has returned. */
  get state(): ReaderState {
    return this.currentState;
  }

  /**
   * Takes a chunk from the connection. Do not change it afterwards: events hold views of it.
   *
   * @param data - a chunk of any size, or `null` when the input has ended.
   * @throws ScgiUsageError ERR_SCGI_EVENT_ORDER for a chunk after the end.
   * @throws TypeError for anything but bytes and `null`.
   */
  receiveData(data: Uint8Array | null): void {
    if (
      this.ahead > 0 &&
      this.bodyChunk === undefined &&
      isBytes(data) &&
      data.length > 0 &&
      data.length <= this.ahead
    ) {
      this.ahead -= data.length;
      this.bodyChunk = data;
    } else this.parse(data);
  }

  /**
   * Returns the next event, or NEED_DATA when more data is needed first. After the end of the message it is always NEED_DATA.
   *
   * @throws ScgiProtocolError | ScgiLimitError at a fault, the same error at each call; see docs/reference/errors.md.
   */
  nextEvent(): Event | typeof NEED_DATA {
    const { bodyChunk, events } = this;
    if (bodyChunk !== undefined) {
      this.bodyChunk = undefined;
      return this.bodyEvent(bodyChunk);
    }
    return events.length > 0 || this.fault !== undefined ? this.shiftEvent() : NEED_DATA;
  }

  /** @internal */
  protected abstract bodyEvent(data: Uint8Array): Event;

  /** Not in `receiveData`: what a chunk of the body passes is short, so that engines compile it into the caller. */
  private parse(data: Uint8Array | null): void {
    if (data !== null && !isBytes(data))
      throw new TypeError(`receiveData takes a Uint8Array or null, not ${quotedChunk(data)}`);
    if (this.ended) {
      if (data === null) return;
      throw new ScgiUsageError('ERR_SCGI_EVENT_ORDER', 'data came after the end of the input');
    }
    this.ended = data === null;
    this.parser.uncount(this.ahead);
    this.ahead = 0;
    try {
      if (data === null) this.parser.end();
      else this.parser.pushBytes(data);
    } catch (error) {
      this.fault ??= { error };
    }
  }

  private shiftEvent(): Event {
    // `shift` costs several times as much as `pop`.
    const event = this.events.length > 1 ? this.events.shift() : this.events.pop();
    if (event === undefined) {
      this.currentState = 'failed';
      throw this.fault?.error as Error;
    }
    // The first event is that of the headers.
    if (this.currentState === 'head') this.currentState = 'body';
    else if (event.type === 'request-end' || event.type === 'response-end') this.currentState = 'done';
    // Not while events wait: a chunk comes after them.
    if (this.events.length === 0) this.ahead = this.parser.countAhead(MOST_AHEAD);
    return event;
  }
}

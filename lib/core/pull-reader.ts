/** What pulled readers share: data is pushed into a parser, and its events wait until somebody asks for them. */
import { ScgiUsageError } from './errors/errors.js';
import { isBytes } from './text/latin1.js';
import { quotedChunk } from './text/quoted.js';

/** What `nextEvent` returns when more data is needed first. The same in each copy of the package. */
export const NEED_DATA: unique symbol = Symbol.for('rxscgi.NEED_DATA');

/** Where a reader is: in the head of the message, in its body, after its end, or after a fault. */
export type ReaderState = 'head' | 'body' | 'done' | 'failed';

/** A machine that calls a sink. */
export interface PushParser {
  /** Counts a chunk that is all body, and not the end of it, in place of `pushBytes`. @returns whether it is one. */
  countBody(chunk: Uint8Array): boolean;
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
      data === null ||
      this.bodyChunk !== undefined ||
      this.events.length > 0 ||
      !this.parser.countBody(data)
    )
      this.parse(data);
    else this.bodyChunk = data;
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
    return event;
  }
}

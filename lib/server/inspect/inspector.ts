/** Tells the observer of a server what happens on its connections. */
import { errorFacts, readProperty } from '../../core/errors/error-facts.js';
import { isScgiError } from '../../core/errors/errors.js';
import { decodeLatin1 } from '../../core/text/latin1.js';
import type { BodyReader } from '../../operators/request/body-channel.js';
import { bytesOf } from '../../operators/response/body-chunk.js';
import type { BodyChunk, ScgiRequest } from '../../operators/types.js';
import type { InspectObserver } from '../server-options.js';
import type { InspectEvent, InspectedPart } from './inspect-event.js';
import { maskFields, maskReceived, maskVariables } from './masks.js';

/** How much of a body, and of a faulty request, comes as text. */
const MAX_TEXT_BYTES = 4096;

/** An event, without what all have. */
type Happening = InspectEvent extends infer Each
  ? Each extends InspectEvent
    ? Omit<Each, 'connection' | 'at'>
    : never
  : never;

/** Counts the connections of a server, and calls its observer. */
export class Inspector {
  private connections = 0;
  private readonly beganMs: number;

  /** @param threw - gets what the observer throws. */
  constructor(
    private readonly observer: InspectObserver,
    private readonly now: () => number,
    private readonly threw: (error: unknown) => void,
  ) {
    this.beganMs = now();
  }

  connect(): ConnectionEvents {
    return new ConnectionEvents(this, ++this.connections);
  }

  emit(connection: number, happening: Happening): void {
    const { type, ...facts } = happening;
    const event = { type, connection, at: this.now() - this.beganMs, ...facts } as InspectEvent;
    const { observer } = this;
    try {
      if (typeof observer === 'function') observer(event);
      else observer.next?.(event);
    } catch (error) {
      this.threw(error);
    }
  }
}

/** The events of one connection. */
export class ConnectionEvents {
  /** Who pulls the body. */
  bodyPuller: Exclude<BodyReader, 'subscribe'> | undefined;
  private received = '';
  private headReceived = false;
  private bodyText = MAX_TEXT_BYTES;
  private chunkText = MAX_TEXT_BYTES;
  private where: InspectedPart = 'connection';
  private told: { readonly error: unknown } | undefined;

  constructor(
    private readonly inspector: Inspector,
    private readonly connection: number,
  ) {}

  emit(happening: Happening): void {
    this.inspector.emit(this.connection, happening);
  }

  bytesIn(chunk: Uint8Array): void {
    const room = MAX_TEXT_BYTES - this.received.length;
    if (!this.headReceived && room > 0) this.received += decodeLatin1(chunk.subarray(0, room));
    this.emit({ type: 'bytes-in', bytes: chunk.length });
  }

  request({ variables, contentLength }: ScgiRequest): void {
    this.headReceived = true;
    this.received = '';
    this.emit({ type: 'request', variables: maskVariables(variables), contentLength });
  }

  body(data: Uint8Array): void {
    const text = textOf(data, this.bodyText);
    this.bodyText -= text?.length ?? 0;
    this.emit({ type: 'body', bytes: data.length, ...(text !== undefined && { text }) });
  }

  /** @param head - as it goes out. */
  response(status: number, head: string, by: 'handler' | 'error'): void {
    const fields = head
      .split('\r\n')
      .map((line) => /^([^: ]+): ?(.*)$/s.exec(line))
      .filter((field) => field !== null)
      .map(([, name = '', value = '']): [string, string] => [name, value]);
    this.emit({ type: 'response', status, headers: maskFields(fields), by });
  }

  /** @param chunk - the application's: what is no chunk, or throws when it is looked at, is not told. */
  chunk(chunk: BodyChunk): void {
    let data: Uint8Array;
    let text: string | undefined;
    try {
      data = bytesOf(chunk);
      text = textOf(data, this.chunkText);
    } catch {
      return;
    }
    if (data.length === 0) return;
    this.chunkText -= text?.length ?? 0;
    this.emit({ type: 'chunk', bytes: data.length, ...(text !== undefined && { text }) });
  }

  /** Runs a step in which errors belong to a part of the exchange. */
  within(where: InspectedPart, step: () => void): void {
    const outer = this.where;
    this.where = where;
    try {
      step();
    } finally {
      this.where = outer;
    }
  }

  /** An error is told once, wherever it goes on to. */
  error(error: unknown): void {
    if (this.told && this.told.error === error) return;
    this.told = { error };
    const { where, headReceived, received } = this;
    const { code, message, frames } = errorFacts(error);
    const offset = isScgiError(error) ? readProperty(error, 'offset') : undefined;
    this.emit({
      type: 'error',
      where,
      code,
      ...(typeof offset === 'number' && { offset }),
      message,
      ...(frames.length > 0 && { frames }),
      ...(where === 'request' && !headReceived && { received: maskReceived(received) }),
    });
  }
}

/** The beginning of some bytes as text, if there is still room for any. */
function textOf(data: Uint8Array, room: number): string | undefined {
  return room > 0 && data.length > 0 ? decodeLatin1(data.subarray(0, room)) : undefined;
}

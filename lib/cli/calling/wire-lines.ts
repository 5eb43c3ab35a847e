/** What goes over the wire, in readable lines: `rxscgi request -v`. */
import { Subject, type Observable } from 'rxjs';
import type { CallWatcher } from '../../node/client/application-connection.js';
import { escapeBytes } from '../log/escape-text.js';
import type { LogLine } from '../log/log-output.js';

const LF = 0x0a;

/**
 * Watches a call.
 *
 *     > 90:                      the length of the netstring
 *     > CONTENT_LENGTH=5         each variable; what is not printable ASCII as \x00
 *     > SCGI=1
 *     > ,
 *     > (5 bytes of body)        when the response has come
 *     < Status: 200 OK           each line of the response's head
 *     <
 *     < (12 bytes of body)       when the response is over
 */
export class WireLines implements CallWatcher {
  private readonly subject = new Subject<LogLine>();
  /** Completes with {@link finish}. */
  readonly lines: Observable<LogLine> = this.subject.asObservable();
  private requestBodyBytes = 0;
  private responseBodyBytes = 0;
  private headSent = false;
  private headReceived = false;
  private head = '';
  /** The line of the head that has not ended. */
  private line = '';

  /** The response's head with its empty line, as it came, one character for each byte. */
  get responseHead(): string {
    return this.head;
  }

  sent(chunk: Uint8Array): void {
    this.requestBodyBytes += chunk.length;
    if (this.headSent) return;
    this.headSent = true;
    const text = Buffer.from(chunk).toString('latin1');
    const start = text.indexOf(':') + 1;
    const end = start + Number.parseInt(text, 10);
    this.requestBodyBytes -= end + 1;
    this.print(`> ${text.slice(0, start)}`);
    const parts = text.slice(start, end).split('\0');
    for (let index = 0; index + 1 < parts.length; index += 2) {
      const name = escapeBytes(parts[index] as string).replaceAll('=', '\\x3d');
      this.print(`> ${name}=${escapeBytes(parts[index + 1] as string)}`);
    }
    this.print('> ,');
  }

  received(chunk: Uint8Array): void {
    let start = 0;
    while (!this.headReceived && start < chunk.length) {
      const lineEnd = chunk.indexOf(LF, start);
      const end = lineEnd < 0 ? chunk.length : lineEnd + 1;
      this.line += Buffer.from(chunk.subarray(start, end)).toString('latin1');
      if (lineEnd >= 0) this.endLine();
      start = end;
    }
    this.responseBodyBytes += chunk.length - start;
  }

  /** The call is over: prints what has not been printed. */
  finish(): void {
    if (this.headSent && this.head === '') this.printRequestBody();
    if (this.line !== '') this.printLine(this.line);
    if (this.headReceived) this.print(`< (${this.responseBodyBytes} bytes of body)`);
    this.subject.complete();
  }

  private endLine(): void {
    if (this.head === '') this.printRequestBody();
    const text = this.line.replace(/\r?\n$/, '');
    this.head += this.line;
    this.line = '';
    this.headReceived = text === '';
    this.printLine(text);
  }

  private printLine(text: string): void {
    this.print(`< ${escapeBytes(text)}`.trimEnd());
  }

  private printRequestBody(): void {
    this.print(`> (${this.requestBodyBytes} bytes of body)`);
  }

  private print(text: string): void {
    this.subject.next({ to: 'stderr', text });
  }
}

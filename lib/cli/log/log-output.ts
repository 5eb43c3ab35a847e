/** Prints lines to stdout and stderr. A reader that stalls costs lines, not memory, and does not keep the process alive. */
import type { Writable } from 'node:stream';
import { escapeJson } from './escape-text.js';

/** A line of output, and where it goes. */
export interface LogLine {
  readonly to: 'stdout' | 'stderr';
  readonly text: string;
  /** Whether the log is in JSON. */
  readonly json?: true;
}

type StreamName = LogLine['to'];

export type OutputStreams = Readonly<Record<StreamName, Writable>>;

/** Characters that wait for the reader of a stream; lines that come while there are more are dropped. */
const MAX_QUEUED_LENGTH = 1024 * 1024;

/** How long the end of the process waits for readers. */
const FLUSH_TIMEOUT_MS = 2000;

const STREAMS: readonly StreamName[] = ['stdout', 'stderr'];

/**
 * The command's output.
 *
 * While more than 1 MiB waits in a stream, lines for it are dropped and counted. Once its reader has caught up, a line on
 * stderr says how many were dropped.
 */
export class LogOutput {
  /** Characters that each stream has not taken yet. Bun's streams of a process do not tell (`writableLength` is 0). */
  private readonly waiting = { stdout: 0, stderr: 0 };
  private readonly dropped = { stdout: 0, stderr: 0 };
  private inJson = false;
  private allTaken: (() => void) | undefined;

  constructor(private readonly streams: OutputStreams) {
    // The reader has gone away: no reason to stop serving.
    for (const name of STREAMS) streams[name].on('error', () => undefined);
  }

  print({ to, text, json }: LogLine): void {
    this.inJson = json === true;
    if (this.hasRoom(to)) this.write(to, `${text}\n`);
    else this.dropped[to]++;
  }

  /** Calls back once the streams have taken everything, or after 2 s. */
  flush(done: () => void): void {
    this.reportDropped(true);
    const timer = setTimeout(() => this.allTaken?.(), FLUSH_TIMEOUT_MS);
    this.allTaken = () => {
      this.allTaken = undefined;
      clearTimeout(timer);
      done();
    };
    // Never before the caller has finished.
    process.nextTick(() => this.endFlush());
  }

  private write(name: StreamName, text: string): void {
    const { length } = text;
    this.waiting[name] += length;
    this.streams[name].write(text, () => {
      this.waiting[name] -= length;
      if (this.waiting[name] > 0) return;
      this.reportDropped(false);
      this.endFlush();
    });
  }

  private endFlush(): void {
    if (STREAMS.every((name) => this.waiting[name] === 0)) this.allTaken?.();
  }

  /** @param isEnd - reports also what a reader has missed that has not caught up. */
  private reportDropped(isEnd: boolean): void {
    for (const stream of STREAMS) {
      const lines = this.dropped[stream];
      if (lines === 0 || !this.hasRoom('stderr') || (this.waiting[stream] > 0 && !isEnd)) continue;
      this.dropped[stream] = 0;
      this.write('stderr', `${droppedText(stream, lines, this.inJson)}\n`);
    }
  }

  private hasRoom(name: StreamName): boolean {
    return this.waiting[name] <= MAX_QUEUED_LENGTH;
  }
}

function droppedText(stream: StreamName, lines: number, inJson: boolean): string {
  if (inJson) return escapeJson({ time: new Date().toISOString(), event: 'lines-dropped', stream, lines });
  return `rxscgi: ${lines} lines were dropped, as nothing read ${stream}`;
}

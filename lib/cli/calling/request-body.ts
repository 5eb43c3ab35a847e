/** The body of `rxscgi request`: text, a file, or stdin. */
import { createReadStream, fstatSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { from, map, of, reduce, type Observable } from 'rxjs';
import { readProperty } from '../../core/errors/error-facts.js';
import { BlockCollector } from '../../core/request/block-collector.js';
import type { ScgiRequestInit } from '../../operators/encode-scgi-request.js';
import { misuse } from '../command-error.js';

export type RequestBody = Pick<ScgiRequestInit, 'body' | 'contentLength'>;

/** Bytes of a body of unknown length, which is read to its end before the request begins. */
const MAX_COLLECTED_BYTES = 16 * 1024 * 1024;

/**
 * Opens the body that `-d` names. Input of unknown length is read when this is subscribed.
 *
 * A file is streamed, and so is anything of a given length. Other input (a pipe, a terminal) is collected first, because a
 * request announces the length of its body.
 *
 * @param data - text; `@FILE`; `@-` for stdin.
 * @param length - the body's bytes, when they are given.
 * @throws CommandError for a file that cannot be opened.
 * Error notifications: CommandError for too much input; the errors of the system.
 */
export function requestBody(data: string, length: number | undefined, hint: string): Observable<RequestBody> {
  if (!data.startsWith('@')) return of({ body: data, contentLength: length });
  const { stream, size } = data === '@-' ? { stream: process.stdin, size: 0 } : openFile(data.slice(1), hint);
  if (length !== undefined) return of({ body: stream, contentLength: length });
  if (size > 0) return of({ body: stream, contentLength: size });
  return collected(stream, hint).pipe(map((body) => ({ body })));
}

function openFile(path: string, hint: string): { stream: Readable; size: number } {
  try {
    const fd = openSync(path, 'r');
    const stat = fstatSync(fd);
    if (stat.isDirectory()) throw misuse(`-d: ${path} is a folder`, hint);
    // A file that grows meanwhile is sent as it was; files in /proc have content, and the size 0.
    const size = stat.isFile() ? stat.size : 0;
    return { stream: createReadStream(path, { fd, ...(size > 0 && { start: 0, end: size - 1 }) }), size };
  } catch (error) {
    if (readProperty(error, 'syscall') !== 'open') throw error;
    throw misuse(`-d: ${path} cannot be read: ${String(readProperty(error, 'code'))}`, hint);
  }
}

function collected(stream: Readable, hint: string): Observable<Uint8Array> {
  return from(stream as AsyncIterable<Uint8Array>).pipe(
    reduce((collector, chunk) => {
      if (collector.take(chunk, 0) === chunk.length) return collector;
      throw misuse(
        `-d: more than ${MAX_COLLECTED_BYTES} bytes of unknown length; give --content-length BYTES, or a file`,
        hint,
      );
    }, new BlockCollector(MAX_COLLECTED_BYTES)),
    map((collector) => collector.finish().subarray(0, collector.length)),
  );
}

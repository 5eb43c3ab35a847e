/** Bytes to stdout, as fast as its reader takes them. */
import type { Writable } from 'node:stream';
import { Observable } from 'rxjs';
import { readProperty } from '../../core/error-facts.js';
import { CommandError } from '../command-error.js';
import { EXIT_OUTPUT } from './call-failure.js';

/**
 * Writes a chunk, and completes when it has been taken.
 *
 * Error notifications: CommandError; without a message when the reader is gone, as with `| head`.
 */
export function writeBytes(bytes: Uint8Array, stream: Writable = process.stdout): Observable<never> {
  return new Observable((subscriber) => {
    stream.write(bytes, (error) => {
      if (error) subscriber.error(outputError(error));
      else subscriber.complete();
    });
  });
}

function outputError(error: unknown): CommandError {
  const isReaderGone = readProperty(error, 'code') === 'EPIPE';
  return new CommandError(
    isReaderGone ? '' : `stdout: ${String(readProperty(error, 'message'))}`,
    EXIT_OUTPUT,
  );
}

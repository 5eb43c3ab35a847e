/** `rxscgi request`: calls an application, as curl calls a web server. */
import { Observable, catchError, concat, merge, mergeMap, tap, throwError } from 'rxjs';
import { readProperty } from '../../core/errors/error-facts.js';
import { watchedRequest } from '../../node/client/scgi-request.js';
import { pullMap } from '../../operators/pull-map.js';
import { CALL_EXIT_CODE_HELP, EXIT_OUTPUT, callFailure, within } from '../calling/call-failure.js';
import { CALL_TIME_FLAGS, DATA_FLAG, FIELD_FLAGS, HEAD_FLAG, timeoutFlag } from '../calling/call-flags.js';
import { requestPlanOf, type RequestPlan } from '../calling/request-plan.js';
import { WireLines } from '../calling/wire-lines.js';
import { seeHelp, type Command } from '../command.js';
import { CommandError } from '../command-error.js';
import { HELP_FLAG, type Flag } from '../flags/flags.js';
import { ADDRESS_HELP, page, section } from '../help.js';

const HINT = seeHelp('request');

const REQUEST_FLAGS: readonly Flag[] = [
  ...FIELD_FLAGS,
  DATA_FLAG,
  { name: 'json', help: 'the body is JSON: Content-Type and Accept are application/json' },
  { name: 'content-length', value: 'BYTES', help: 'length of a body from stdin, which is then streamed' },
];

const OUTPUT_FLAGS: readonly Flag[] = [
  { name: 'include', short: 'i', help: "the response's head, too, as it came" },
  { name: 'verbose', short: 'v', help: 'what is sent (>) and received (<), readable, on stderr' },
  HELP_FLAG,
];

const TIMEOUT_FLAG = timeoutFlag('for everything (default none)');

const CALL_FLAGS = [...CALL_TIME_FLAGS, HEAD_FLAG];

export const requestCommand: Command = {
  name: 'request',
  flags: [...REQUEST_FLAGS, ...OUTPUT_FLAGS, TIMEOUT_FLAG, ...CALL_FLAGS],
  help: page(
    'Sends a request to an SCGI application, without a web server, and prints the body of the response.',
    section('Usage', 'rxscgi request ADDRESS [METHOD] [URI] [OPTIONS]'),
    'METHOD is GET, or POST with -d; URI is /.',
    section('Request', ...REQUEST_FLAGS),
    'A body is form data unless -H or --json says otherwise. A file is streamed; other input of unknown length is\n' +
      'collected first, up to 16 MiB.',
    section('Output', ...OUTPUT_FLAGS),
    section('Times in milliseconds, whole numbers or none', TIMEOUT_FLAG, ...CALL_TIME_FLAGS),
    section('Limits, whole numbers', HEAD_FLAG),
    ADDRESS_HELP,
    CALL_EXIT_CODE_HELP,
    section(
      'Examples',
      "rxscgi request 127.0.0.1:4000 '/search?q=scgi' -i",
      'rxscgi request unix:/run/app/app.sock POST /items --json -d \'{"name":"x"}\' -v',
      'rxscgi request 127.0.0.1:4000 PUT /file -H Content-Type:image/png -d @photo.png',
    ),
  ),

  run(parsed) {
    const plan = requestPlanOf(parsed, CALL_FLAGS, HINT);
    const wire = new WireLines();
    const finish = (): void => wire.finish();
    const call = exchange(plan, wire).pipe(
      tap({ complete: finish, error: finish }),
      catchError((error: unknown) => throwError(() => callFailure(error))),
    );
    return plan.verbose ? merge(wire.lines, call) : call;
  },
};

/** Sends the request, and writes what comes to stdout; ends with the response. */
function exchange(
  { address, init, body, timeoutMs, include }: RequestPlan,
  wire: WireLines,
): Observable<never> {
  return body.pipe(
    mergeMap((given) => {
      const answered = watchedRequest(address, { ...init, ...given, unreadTimeoutMs: Infinity }, wire).pipe(
        mergeMap((response) => {
          // Chunk by chunk: a chunk is awaited before the next is read, and no time counts meanwhile.
          const written = response.body.pipe(pullMap((chunk) => writeBytes(chunk)));
          return include ? concat(writeBytes(Buffer.from(wire.responseHead, 'latin1')), written) : written;
        }),
      );
      return within(timeoutMs, answered);
    }),
  );
}

/**
 * Writes a chunk to stdout, and completes when it has been taken.
 *
 * Error notifications: CommandError; without a message when the reader is gone, as with `| head`.
 */
function writeBytes(bytes: Uint8Array): Observable<never> {
  return new Observable((subscriber) => {
    process.stdout.write(bytes, (error) => {
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

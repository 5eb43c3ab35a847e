/** `rxscgi ping`: checks the health of an application. */
import {
  catchError,
  defer,
  endWith,
  ignoreElements,
  map,
  mergeMap,
  of,
  throwError,
  type Observable,
} from 'rxjs';
import { scgiRequest } from '../../node/client/scgi-request.js';
import { callFailure, within } from '../calling/call-failure.js';
import { DATA_FLAG, FIELD_FLAGS, dataOf, timeoutFlag, timeoutOf } from '../calling/call-flags.js';
import { callInitOf } from '../calling/call-init.js';
import { requestBody } from '../calling/request-body.js';
import { contentFieldsOf } from '../calling/request-plan.js';
import { seeHelp, type Command } from '../command.js';
import { CommandError, EXIT_FAILED, EXIT_MISUSED, misuse } from '../command-error.js';
import { HELP_FLAG, type Flag } from '../flags/flags.js';
import { ADDRESS_HELP, page, section } from '../help.js';
import type { LogLine } from '../log/log-output.js';
import type { ParsedFlags } from '../flags/parse-flags.js';

const HINT = seeHelp('ping');

const DEFAULT_TIMEOUT_MS = 5000;

const PING_FLAGS: readonly Flag[] = [
  { name: 'uri', value: 'URI', help: 'what is asked for (default /)' },
  { name: 'method', value: 'METHOD', help: 'the method (default GET, or POST with -d)' },
  DATA_FLAG,
  { name: 'expect', value: 'STATUS', help: 'the status that is healthy: 204, or 2xx (default: below 500)' },
  timeoutFlag(`until the response is complete (default ${DEFAULT_TIMEOUT_MS})`),
  { name: 'timeout', value: 'MS', help: 'the same as --timeout-ms' },
  ...FIELD_FLAGS,
  HELP_FLAG,
];

export const pingCommand: Command = {
  name: 'ping',
  flags: PING_FLAGS,
  help: page(
    'Checks that an SCGI application is healthy: that it answers a request completely, in time, with a status below 500.\n' +
      'Prints one line.',
    section('Usage', 'rxscgi ping ADDRESS [OPTIONS]'),
    section('Options', ...PING_FLAGS),
    ADDRESS_HELP,
    section('Exit codes', '0   healthy', '1   not healthy, for whatever reason', '2   a wrong option'),
    section(
      'Examples',
      'rxscgi ping 127.0.0.1:4000',
      'rxscgi ping unix:/run/app/app.sock --uri /health --expect 2xx --timeout-ms 1000',
    ),
  ),

  run(parsed) {
    const [address, more] = parsed.positionals;
    if (address === undefined) throw misuse('no ADDRESS of the application', HINT);
    if (more !== undefined) throw misuse(`${JSON.stringify(more)} is one argument too many`, HINT);
    const last = (name: string): string | undefined => parsed.values.get(name)?.at(-1);
    const data = dataOf(parsed, HINT);
    const method = last('method') ?? (data === undefined ? 'GET' : 'POST');
    const target = { address, method, uri: last('uri') ?? '/', headers: contentFieldsOf(data) };
    const init = callInitOf(parsed, target, [], HINT);
    const body = data === undefined ? of({}) : requestBody(data, undefined, HINT);
    const isHealthy = healthOf(parsed);
    const timeoutMs = timeoutOf(parsed, DEFAULT_TIMEOUT_MS, HINT);
    return defer(() => {
      const start = performance.now();
      return within(timeoutMs, body.pipe(mergeMap((given) => statusOf(address, { ...init, ...given })))).pipe(
        catchError((error: unknown) => throwError(() => failureOf(address, error))),
        map((status): LogLine => {
          if (!isHealthy(status)) throw unhealthy(address, `it answered ${status}`);
          const ms = Math.round(performance.now() - start);
          return { to: 'stdout', text: `${address} is healthy: it answered ${status} in ${ms} ms` };
        }),
      );
    });
  },
};

/** The status of a complete response. */
function statusOf(address: string, init: Parameters<typeof scgiRequest>[1]): Observable<number> {
  // The times of the call itself must not be shorter than --timeout-ms.
  const times = { connectTimeoutMs: Infinity, headersTimeoutMs: Infinity, bodyTimeoutMs: Infinity };
  return scgiRequest(address, { ...init, ...times }).pipe(
    mergeMap(({ status, body }) => body.pipe(ignoreElements(), endWith(status))),
  );
}

/** @throws CommandError */
function healthOf({ values }: ParsedFlags): (status: number) => boolean {
  const expected = values.get('expect')?.at(-1);
  if (expected === undefined) return (status) => status < 500;
  if (!/^[2-9](\d\d|xx)$/.test(expected))
    throw misuse(`--expect takes a status such as 204, or 2xx, not ${JSON.stringify(expected)}`, HINT);
  return expected.endsWith('xx')
    ? (status) => String(status).startsWith(expected.charAt(0))
    : (status) => status === Number(expected);
}

/** A request that cannot be sent says nothing about the application. */
function failureOf(address: string, error: unknown): CommandError {
  const failure = callFailure(error);
  return failure.exitCode === EXIT_MISUSED ? failure : unhealthy(address, failure.message);
}

function unhealthy(address: string, reason: string): CommandError {
  return new CommandError(`${address} is not healthy: ${reason}`, EXIT_FAILED);
}

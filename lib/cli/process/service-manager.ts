/** Notifies the service manager of the state of the service. sd_notify(3) */
import { execFile } from 'node:child_process';
import {
  Observable,
  catchError,
  concatMap,
  connect,
  distinct,
  distinctUntilChanged,
  endWith,
  exhaustMap,
  filter,
  ignoreElements,
  interval,
  map,
  merge,
  of,
  switchMap,
  take,
  takeUntil,
  type OperatorFunction,
} from 'rxjs';
import { MAX_TIMEOUT_MS } from '../../core/options.js';
import type { ServerEvent } from '../../server/server-event.js';
import type { PoolEvent } from '../workers/worker-event.js';

type ServiceState = 'ready' | 'reloading' | 'stopping';

type AnyEvent = Pick<ServerEvent | PoolEvent, 'type'>;

/** The state of the service that follows from an event of a server or of a pool of workers. */
const STATES: Partial<Record<AnyEvent['type'], ServiceState>> = {
  listening: 'ready',
  reloading: 'reloading',
  reloaded: 'ready',
  'reload-failed': 'ready',
  draining: 'stopping',
  'pool-draining': 'stopping',
};

/** Sends one message, made of assignments; completes when the service manager has received it. */
export type Notify = (assignments: readonly string[]) => Observable<never>;

type Unreachable = Extract<PoolEvent, { type: 'manager-unreachable' }>;

/** systemd-notify itself waits up to 5 s until the message is received. */
const NOTIFY_TIMEOUT_MS = 7000;

/**
 * Notifies the service manager, where there is one (`NOTIFY_SOCKET`).
 *
 *     source:   --l-----r---r----d--|      listening, reloading, reloaded, draining
 *     messages: --R-----L---R----S--       READY=1, RELOADING=1, READY=1, STOPPING=1
 *     watchdog:    --w--w--w--w--w-|       every half of WATCHDOG_USEC, where that is set
 *     result:   --------------------|      emits each reason once why a message cannot be sent
 *
 * Completes when the last message has been received.
 *
 * @param notify - sends a message.
 */
export function tellServiceManager(
  env: NodeJS.ProcessEnv = process.env,
  notify: Notify = systemdNotify(env),
): OperatorFunction<AnyEvent, Unreachable> {
  if (!env['NOTIFY_SOCKET']) return ignoreElements();
  const send = (assignments: readonly string[]): Observable<Unreachable> =>
    notify(assignments).pipe(
      catchError((error: unknown) =>
        of<Unreachable>({ type: 'manager-unreachable', reason: reasonOf(error) }),
      ),
    );
  return (events) =>
    events.pipe(
      map(({ type }) => STATES[type]),
      filter((state) => state !== undefined),
      distinctUntilChanged(),
      connect((states) => {
        const changes = states.pipe(map(assignmentsOf), concatMap(send));
        return merge(changes, watchdog(states, env, send));
      }),
      distinct(({ reason }) => reason),
    );
}

/** Sends signs of life from the moment when the service is ready. */
function watchdog(
  states: Observable<ServiceState>,
  env: NodeJS.ProcessEnv,
  send: (assignments: readonly string[]) => Observable<Unreachable>,
): Observable<Unreachable> {
  const everyMs = watchdogMs(env);
  if (everyMs === undefined) return states.pipe(ignoreElements());
  return states.pipe(
    filter((state) => state === 'ready'),
    take(1),
    switchMap(() => interval(Math.min(everyMs / 2, MAX_TIMEOUT_MS))),
    exhaustMap(() => send(['WATCHDOG=1'])),
    takeUntil(states.pipe(ignoreElements(), endWith('over'))),
  );
}

/** Returns how often the service manager expects a sign of life of this process. sd_watchdog_enabled(3) */
function watchdogMs(env: NodeJS.ProcessEnv): number | undefined {
  const pid = env['WATCHDOG_PID'];
  const usec = Number(env['WATCHDOG_USEC']);
  const meant = pid === undefined || pid === String(process.pid);
  return meant && usec > 0 ? usec / 1000 : undefined;
}

function assignmentsOf(state: ServiceState): string[] {
  switch (state) {
    case 'ready':
      return ['READY=1'];
    case 'reloading':
      // process.hrtime reads CLOCK_MONOTONIC.
      return ['RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`];
    case 'stopping':
      return ['STOPPING=1'];
    default:
      return state satisfies never;
  }
}

/**
 * Sends with systemd-notify(1), because Node.js has no datagram Unix sockets. `--pid` names this process as the sender; without the rights to do
 * so, the sender is systemd-notify itself, which NotifyAccess=all allows.
 */
function systemdNotify({ NOTIFY_SOCKET, PATH }: NodeJS.ProcessEnv): Notify {
  return (assignments) =>
    new Observable((subscriber) => {
      const options = { env: { NOTIFY_SOCKET, PATH }, timeout: NOTIFY_TIMEOUT_MS };
      const args = [`--pid=${process.pid}`, ...assignments];
      const child = execFile('systemd-notify', args, options, (error) => {
        if (error) subscriber.error(error);
        else subscriber.complete();
      });
      return () => child.kill();
    });
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? 'systemd-notify is not installed (Debian: the package systemd)' : message.trim();
}

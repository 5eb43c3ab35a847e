/** Runs an application: calls `start()` of its module before it serves, and `stop()` after. */
import {
  EMPTY,
  Observable,
  catchError,
  concat,
  concatMap,
  defer,
  ignoreElements,
  isObservable,
  map,
  of,
  switchMap,
  take,
  takeUntil,
  throwError,
  timeout,
  type ObservableInput,
} from 'rxjs';
import type { ScgiHandler } from '../../operators/types.js';
import { errorLines } from '../../core/errors/error-facts.js';
import { CommandError, EXIT_FAILED } from '../command-error.js';
import { errorText } from '../log/error-text.js';
import { loadModule, type Application } from './load-module.js';

/** How long `stop()` may take. */
export const STOP_TIMEOUT_MS = 10_000;

/** Places that a failed hook's error names: where it was thrown, and who called that. */
const MAX_PLACES = 5;

/**
 * Loads a module and runs it; see {@link runApplication}. When `until` notifies during the loading, that is abandoned.
 *
 * @param serve - receives the module's handler.
 * @param imported - see {@link loadModule}.
 * Error notifications: those of `loadModule` as well.
 */
export function runModule<T>(
  path: string,
  until: Observable<unknown>,
  serve: (handler: ScgiHandler) => Observable<T>,
  imported: readonly string[] = [],
): Observable<T> {
  const loaded = loadModule(path, imported).pipe(takeUntil(until));
  return loaded.pipe(
    switchMap((application) => runApplication(application, until, () => serve(application.handler))),
  );
}

/**
 * Serves an application from its `start()` to its `stop()`.
 *
 *     start:   --|
 *     serve:     -l--q-s--d-|
 *     stop:                 ---|
 *     result:  ---l--q-s--d----|
 *
 * When `start()` fails, or `until` notifies before it is done, nothing is served and `stop()` is not called. When `serve` fails, `stop()` is
 * called.
 *
 * @param until - tells to drain; must replay. The application gets it as `context.draining` of `start()`.
 * @param serve - serves; must complete when it has drained.
 * Error notifications: CommandError when `start()` or `stop()` fails, or `stop()` takes longer than 10 s; those of `serve`.
 */
export function runApplication<T>(
  { path, start, stop }: Application,
  until: Observable<unknown>,
  serve: () => Observable<T>,
): Observable<T> {
  const draining = until.pipe(
    take(1),
    map(() => undefined),
  );
  const started = call(start && (() => start({ draining })), `${path}: start()`).pipe(takeUntil(until));
  const stopped = call(stop, `${path}: stop()`).pipe(
    timeout({ first: STOP_TIMEOUT_MS, with: () => throwError(() => tooSlow(path)) }),
    ignoreElements(),
  );
  const served = defer(serve).pipe(
    catchError((error: unknown) =>
      concat(
        stopped.pipe(catchError(() => EMPTY)),
        throwError(() => error),
      ),
    ),
  );
  return started.pipe(concatMap(() => concat(served, stopped)));
}

/** Calls a function of the module; emits once when it is done. */
function call(hook: (() => unknown) | undefined, name: string): Observable<true> {
  if (!hook) return of(true);
  return concat(
    defer(() => awaited(hook())).pipe(
      ignoreElements(),
      catchError((error: unknown) => throwError(() => failed(name, error))),
    ),
    of<true>(true),
  );
}

/** Returns what to wait for: a Promise or an Observable, also of another library; not the arrays and strings that RxJS would iterate. */
function awaited(value: unknown): ObservableInput<unknown> {
  if (isObservable(value) || isPromise(value)) return value;
  return isForeignObservable(value) ? new Observable((subscriber) => value.subscribe(subscriber)) : EMPTY;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
}

/** Recognises Observables of other libraries. A Redux store has the same method, but returns another object, which never completes. */
function isForeignObservable(value: unknown): value is Observable<unknown> {
  const object = (value ?? {}) as Record<PropertyKey, unknown>;
  const { observable = '@@observable' } = Symbol as { observable?: symbol };
  return [observable, '@@observable'].some((key) => {
    const own = object[key];
    return typeof own === 'function' && own.call(value) === value;
  });
}

function failed(name: string, error: unknown): CommandError {
  return new CommandError(`${name} failed: ${errorText(error, MAX_PLACES)}`, EXIT_FAILED, errorLines(error));
}

function tooSlow(path: string): CommandError {
  return new CommandError(`${path}: stop() was not done within ${STOP_TIMEOUT_MS} ms`, EXIT_FAILED);
}

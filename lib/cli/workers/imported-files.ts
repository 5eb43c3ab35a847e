/** Notices the files that an application imports. */
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';
import { Observable } from 'rxjs';

interface ResolveContext {
  readonly parentURL?: string | undefined;
}

type Resolve = (
  specifier: string,
  context: ResolveContext,
  next: (specifier: string, context: ResolveContext) => { url: string },
) => { url: string };

/** What Node.js 22.15 and later have in addition. */
interface ModuleHooks {
  readonly registerHooks?: (hooks: { resolve: Resolve }) => { deregister(): void };
}

/**
 * Emits each file that is imported or required from now on, outside of `node_modules`, also one that does not exist: cold.
 *
 * Completes at once where modules have no hooks: before Node.js 22.15, and on other runtimes.
 *
 * @see https://nodejs.org/api/module.html#moduleregisterhooksoptions
 */
export function importedFiles(): Observable<string> {
  return new Observable((subscriber) => {
    const { registerHooks } = nodeModule as ModuleHooks;
    if (!registerHooks) {
      subscriber.complete();
      return undefined;
    }
    const emit = (file: string | undefined): void => {
      if (file !== undefined) subscriber.next(file);
    };
    const hooks = registerHooks({
      resolve(specifier, context, next) {
        try {
          const resolved = next(specifier, context);
          emit(ownFile(resolved.url));
          return resolved;
        } catch (error) {
          if (/^\.{0,2}\//.test(specifier)) emit(ownFile(specifier, context.parentURL));
          throw error;
        }
      },
    });
    return () => hooks.deregister();
  });
}

function ownFile(specifier: string, parentURL?: string): string | undefined {
  const url = URL.canParse(specifier, parentURL) ? new URL(specifier, parentURL) : undefined;
  if (url?.protocol !== 'file:' || url.pathname.includes('/node_modules/')) return undefined;
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}

/** The texts of `--help`. */
import type { Flag } from './flags/flags.js';

/** The version of the package. spec/cli compares it with package.json, which the two builds would find in different places. */
export const VERSION = '0.1.0';

const FLAG_COLUMNS = 30;

/** Formats a title, with indented lines below it; flags in two columns. */
export function section(title: string, ...content: readonly (string | Flag)[]): string {
  const lines = content.map((each) => `  ${typeof each === 'string' ? each : flagLine(each)}`.trimEnd());
  return [`${title}:`, ...lines].join('\n');
}

/** Joins sections, with an empty line between them. */
export function page(...sections: readonly string[]): string {
  return sections.join('\n\n');
}

function flagLine({ name, short, value, optionalValue, help }: Flag): string {
  const optional = optionalValue === undefined ? '' : `[=${optionalValue}]`;
  const flag = `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? optional : ` ${value}`}`;
  return `${flag.padEnd(FLAG_COLUMNS - 1)} ${help}`;
}

export const MODULE_HELP = section(
  'MODULE',
  'A file whose default export is the handler: a function from a request to its response, or to an Observable',
  'or a Promise of it.',
  '',
  "  import { of } from 'rxjs';",
  '  export default (request) => of({ body: `Hello, ${request.path}\\n` });',
  '',
  'An application with fetch(), such as one of Hono, and a listener (request, response) of node:http, such as an',
  'application of Express, are run as well.',
  '',
  'It may also export start(context) and stop(), which are called before it listens and after it has drained, and',
  'awaited if they return a Promise or an Observable; stop() for at most 10 s. context.draining is an Observable that',
  'notifies when the server begins to drain: takeUntil(context.draining) ends event streams in time.',
  '',
  'ESM (.mjs, .js) and CommonJS (.cjs, .js) as Node.js tells them apart. TypeScript with Node.js 22.18 or',
  "later, or with a loader: NODE_OPTIONS='--import tsx' rxscgi ...",
);

export const LOG_HELP = section(
  'Log formats',
  'common   REMOTE - - [DATE] "METHOD URI PROTOCOL" STATUS BYTES DURATION: the Common Log Format and',
  '         milliseconds. BYTES counts the whole SCGI response, with its head',
  'json     an object a line, for the same events',
  'off      nothing',
  'Responses go to stdout; addresses, failures and the end go to stderr.',
);

export const ADDRESS_HELP = section(
  'Addresses',
  '127.0.0.1:4000   [::1]:4000   localhost:4000   TCP',
  'unix:/run/app.sock   unix:@name                a Unix socket; an abstract one (Linux)',
  'scgi://127.0.0.1:4000   scgi:///run/app.sock   the same as URLs',
);

export const EXIT_CODE_HELP = section(
  'Exit codes',
  '0               stopped by a signal, and drained',
  '1               an address cannot be bound; the module, its start() or its stop() failed; a worker did not',
  '                end properly',
  '2               a wrong option, no such module, or no handler in it',
  '129, 130, 143   ended at once by a second signal: SIGHUP, SIGINT, SIGTERM',
);

export const GENERAL_HELP = page(
  `rxscgi ${VERSION}: SCGI for RxJS`,
  section(
    'Usage',
    'rxscgi serve MODULE --listen ADDRESS   serve a handler, behind nginx, Apache or lighttpd',
    'rxscgi dev MODULE [--port PORT]        serve a handler to your browser, without a web server',
    'rxscgi gateway --to ADDRESS            put HTTP in front of an application, for this machine',
    'rxscgi request ADDRESS [METHOD] [URI]  call an application, as curl calls a web server',
    'rxscgi ping ADDRESS                    check the health of an application',
    'rxscgi config SERVER --listen ADDRESS  print the configuration of nginx, apache, lighttpd or systemd',
    'rxscgi COMMAND --help                  all about a command',
    'rxscgi --version                       the version',
  ),
  MODULE_HELP,
  EXIT_CODE_HELP,
  'gateway, request, ping and config have exit codes of their own: see their --help.',
);

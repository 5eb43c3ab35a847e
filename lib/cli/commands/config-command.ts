/** `rxscgi config`: prints a configuration for what runs beside the application. */
import { of } from 'rxjs';
import { apacheConfig } from '../config/apache-config.js';
import {
  CONFIG_FLAGS,
  SITE_FLAGS,
  UNIT_FLAGS,
  siteOptionsOf,
  unitOptionsOf,
} from '../config/config-options.js';
import { HINT } from '../config/config-values.js';
import { lighttpdConfig } from '../config/lighttpd-config.js';
import { nginxConfig } from '../config/nginx-config.js';
import { systemdUnit } from '../config/systemd-units.js';
import { nearest } from '../../core/text/nearest.js';
import type { Command } from '../command.js';
import { misuse } from '../command-error.js';
import { page, section } from '../help.js';
import type { ParsedFlags } from '../flags/parse-flags.js';

/** What each word prints. */
const PRINTERS: ReadonlyMap<string, (parsed: ParsedFlags) => string> = new Map([
  ['nginx', (parsed) => nginxConfig(siteOptionsOf(parsed))],
  ['apache', (parsed) => apacheConfig(siteOptionsOf(parsed))],
  ['lighttpd', (parsed) => lighttpdConfig(siteOptionsOf(parsed))],
  ['systemd', (parsed) => systemdUnit(unitOptionsOf(parsed))],
]);

export const configCommand: Command = {
  name: 'config',
  flags: [...CONFIG_FLAGS, ...SITE_FLAGS, ...UNIT_FLAGS],
  help: page(
    'Prints a configuration of a web server for an application, or a unit of systemd that runs it.',
    section('Usage', `rxscgi config ${[...PRINTERS.keys()].join('|')} --listen ADDRESS [OPTIONS]`),
    section('Options', ...CONFIG_FLAGS),
    section('nginx, apache, lighttpd', ...SITE_FLAGS),
    section('systemd', ...UNIT_FLAGS),
    'A value with characters that could mean something in a configuration (quotes, blanks, $, ;) is refused.\n' +
      'Files: for nginx /etc/nginx/sites-available/app, for Apache /etc/apache2/sites-available/app.conf, for lighttpd\n' +
      '/etc/lighttpd/conf-available/50-app.conf, for systemd /etc/systemd/system/app.service and app.socket.',
    section('Exit codes', '0   printed', '2   a wrong option'),
    section(
      'Examples',
      'rxscgi config nginx --listen unix:/run/app/app.sock --server-name app.example --stream',
      'rxscgi config systemd --listen systemd --module /opt/app/app.mjs',
      'rxscgi config systemd --listen unix:/run/app/app.sock --unit socket',
    ),
  ),

  run(parsed) {
    const [word, more] = parsed.positionals;
    const words = [...PRINTERS.keys()];
    if (word === undefined) throw misuse(`for what? ${words.join(', ')}`, HINT);
    if (more !== undefined) throw misuse(`${JSON.stringify(more)} is one argument too many`, HINT);
    const print = PRINTERS.get(word);
    if (print) return of({ to: 'stdout', text: print(parsed) });
    const meant = nearest(word, words);
    throw misuse(
      `there is no configuration of ${word}`,
      meant === undefined ? HINT : `did you mean rxscgi config ${meant}?`,
    );
  },
};

/** Which modules are served, and what a person reads about those that are not. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  FIXTURES,
  Command,
  runCommand,
  useBuiltCommand,
  type CommandEnd,
} from '../../helpers/command/command.js';
import { exchange } from '../../helpers/sockets/exchange.js';
import { cleanUpSockets, temporaryFolder } from '../../helpers/sockets/sockets.js';

const LOADER = pathToFileURL(join(FIXTURES, 'modules/typescript-loader.mjs')).href;
const LISTEN = ['--listen', '127.0.0.1:0'];

/** Whether this Node.js reads TypeScript by itself. */
const READS_TYPESCRIPT = Boolean((process.features as { typescript?: string | false }).typescript);

useBuiltCommand();
cleanUpSockets();

/** Serves a module of these lines. */
function serve(name: string, ...lines: string[]): Promise<CommandEnd> {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, name), lines.join('\n'));
  return runCommand(['serve', name, ...LISTEN], { cwd });
}

describe('rxscgi serve', () => {
  it.each([
    ['ESM', 'greet.mjs', 'hello from ESM, /x', {}],
    ['CommonJS', 'modules/greet.cjs', 'hello from CommonJS, /x', {}],
    ['CommonJS with exports.default', 'modules/greet-default.cjs', 'hello from exports.default, /x', {}],
    [
      'TypeScript by a loader',
      'modules/greet-typed.ts',
      'hello from TypeScript, /x',
      { NODE_OPTIONS: `--import ${LOADER}` },
    ],
    ['a request listener', 'modules/request-listener.mjs', 'hello from node:http, /x', {}],
    ['a path', join(FIXTURES, 'greet.mjs'), 'hello from ESM, /x', {}],
  ])('should serve %s', async (_what, module, body, env) => {
    const command = new Command(['serve', module, ...LISTEN], { env });
    expect(await exchange(await command.address(), { uri: '/x' })).toBe(`200 ${body}`);
  });

  it('should serve a fetch application', async () => {
    const address = await new Command(['serve', 'modules/fetch-application.mjs', ...LISTEN]).address();
    const reply = await exchange(address, { method: 'POST', uri: '/a?b', body: 'text' });
    expect(reply).toBe('200 POST /a 1: text');
  });

  it('should say what to do when no loader reads TypeScript', async () => {
    if (READS_TYPESCRIPT) return;
    const { code, stderr } = await runCommand(['serve', 'modules/greet-typed.ts', ...LISTEN]);
    expect(stderr).toEqual([
      expect.stringMatching(/^rxscgi: modules\/greet-typed\.ts is TypeScript, .*22\.18.*--import tsx/),
    ]);
    expect(code).toBe(2);
  });

  it('should exit with 2 when there is no such module', async () => {
    const { code, stderr } = await runCommand(['serve', 'none.mjs', ...LISTEN]);
    expect(stderr).toEqual([`rxscgi: none.mjs does not exist (${join(FIXTURES, 'none.mjs')})`]);
    expect(code).toBe(2);
  });

  it('should exit with 2 when the module is a folder', async () => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, 'app'));
    const { code, stderr } = await runCommand(['serve', 'app', ...LISTEN], { cwd });
    expect(stderr).toEqual([`rxscgi: app is not a file (${join(cwd, 'app')})`]);
    expect(code).toBe(2);
  });

  it('should exit with 2 when the module cannot be looked at', async () => {
    const cwd = temporaryFolder();
    symlinkSync('a.mjs', join(cwd, 'a.mjs'));
    const { code, stderr } = await runCommand(['serve', 'a.mjs', ...LISTEN], { cwd });
    expect(stderr).toEqual([`rxscgi: a.mjs cannot be read: ELOOP (${join(cwd, 'a.mjs')})`]);
    expect(code).toBe(2);
  });

  it('should exit with 2 when the module exports no handler', async () => {
    const { code, stderr } = await serve('a.mjs', 'export const handler = () => [{}];');
    expect(stderr).toEqual([
      expect.stringMatching(/^rxscgi: a\.mjs has no handler: it exports no default; /),
    ]);
    expect(code).toBe(2);
  });

  it.each([
    [
      'throws',
      'a.mjs',
      ['const settings = {};', 'settings.port.value;'],
      /TypeError: .*'value'\) \(a\.mjs:2:15\)$/,
    ],
    [
      'throws from CommonJS',
      'a.cjs',
      ["throw new RangeError('no\\nport');"],
      /RangeError: no port \(a\.cjs:1:7\)$/,
    ],
    ['throws no error', 'a.mjs', ["throw 'text';"], /: thrown: text$/],
    [
      'rejects',
      'a.mjs',
      ["await Promise.reject(new Error('no database'));"],
      /Error: no database \(a\.mjs:1:22\)$/,
    ],
    ['has no valid syntax', 'a.mjs', ['export default 1;', 'one two'], /SyntaxError: .*'two' \(a\.mjs:2\)$/],
    ['has no valid syntax as CommonJS', 'a.cjs', ['module.exports = ;'], /SyntaxError: .*';' \(a\.cjs:1\)$/],
    [
      'imports a package that is not there',
      'a.mjs',
      ["import 'no-such-package';"],
      /ERR_MODULE_NOT_FOUND: .*'no-such-package' imported from \/[^()]*\/a\.mjs$/,
    ],
    [
      'imports what is not exported',
      'a.mjs',
      ["import { x } from 'node:fs';"],
      /SyntaxError: .*'x' \(a\.mjs:1\)$/,
    ],
  ])('should exit with 1 and say where when the module %s', async (_what, name, lines, message) => {
    const { code, stdout, stderr } = await serve(name, ...lines);
    expect(stderr).toEqual([expect.stringMatching(message)]);
    expect(stderr[0]).toMatch(new RegExp(`^rxscgi: ${name} failed to load: `));
    expect(stdout).toEqual([]);
    expect(code).toBe(1);
  });

  it('should find a syntax error without another debugger, which would wait for somebody', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'a.mjs'), 'export default 1;\none two');
    writeFileSync(join(cwd, 'debug.cjs'), "process.execArgv.push('--inspect-brk=0');");
    const env = { NODE_OPTIONS: `--require ${join(cwd, 'debug.cjs')}` };
    const { stderr } = await runCommand(['serve', 'a.mjs', ...LISTEN], { cwd, env });
    expect(stderr).toEqual([expect.stringMatching(/SyntaxError: .*'two' \(a\.mjs:2\)$/)]);
  });

  it('should say where in a library', async () => {
    const cwd = temporaryFolder();
    const library = join(cwd, 'node_modules/library');
    mkdirSync(library, { recursive: true });
    writeFileSync(join(library, 'package.json'), JSON.stringify({ main: 'index.mjs' }));
    writeFileSync(join(library, 'index.mjs'), "throw new Error('no settings');");
    writeFileSync(join(cwd, 'a.mjs'), "import 'library';");
    const { stderr } = await runCommand(['serve', 'a.mjs', ...LISTEN], { cwd });
    const place = 'node_modules/library/index.mjs:1:7';
    expect(stderr).toEqual([`rxscgi: a.mjs failed to load: Error: no settings (${place})`]);
  });

  it('should say from where the code that throws was called, and the causes', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'a.mjs'), "import './b.mjs';");
    writeFileSync(join(cwd, 'b.mjs'), "import { open } from './c.mjs';\nopen();");
    const cause = "{ cause: Object.assign(new Error('refused'), { code: 'E_REFUSED' }) }";
    writeFileSync(join(cwd, 'c.mjs'), `export function open() { throw new Error('no database', ${cause}); }`);
    const { stderr } = await runCommand(['serve', 'a.mjs', ...LISTEN], { cwd });
    expect(stderr).toEqual([
      expect.stringMatching(
        /failed to load: Error: no database \(c\.mjs:1:32, from b\.mjs:2:1\); caused by E_REFUSED: refused \(c\.mjs:1/,
      ),
    ]);
  });

  it('should look at the options before it loads the module', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'a.mjs'), "throw new Error('loaded');");
    const { code, stderr } = await runCommand(['serve', 'a.mjs', '--listen', 'nowhere'], { cwd });
    expect(stderr).toEqual([expect.stringContaining('"nowhere" is not an address')]);
    expect(code).toBe(2);
  });
});

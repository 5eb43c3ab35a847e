/** The command `rxscgi`, run by the runtime that runs this file. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { requestBytes, responseOf, textOf } from '../../../dist/esm/testing/index.js';
import { ask } from './client.mjs';

const MAIN = fileURLToPath(new URL('../../../dist/esm/cli/main.js', import.meta.url));
const MODULE = fileURLToPath(new URL('served.mjs', import.meta.url));
const PREFIX = 'Deno' in globalThis ? ['run', '-A'] : [];

function start(...args) {
  return spawn(process.execPath, [...PREFIX, MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Serves while `work` runs, and then ends by SIGTERM. */
async function serving(args, work) {
  const child = start('serve', MODULE, '--listen', '127.0.0.1:0', ...args);
  const exited = once(child, 'exit');
  const lines = [];
  try {
    for await (const line of createInterface({ input: child.stderr })) {
      lines.push(line);
      const address = /^rxscgi: listening on (.*)$/.exec(line)?.[1];
      if (address === undefined) continue;
      await work(address);
      process.kill(child.pid, 'SIGTERM');
      break;
    }
    child.stderr.resume();
    child.stdout.resume();
    deepStrictEqual((await exited)[0], 0, lines.join('\n'));
  } finally {
    child.kill('SIGKILL');
  }
}

async function answers(address) {
  const response = responseOf(await ask(address, [requestBytes({ uri: '/x' })]));
  strictEqual(textOf(response.body), 'served /x');
}

export const commandCases = [
  [
    'command: --version',
    async () => {
      let text = '';
      const child = start('--version');
      child.stdout.on('data', (data) => (text += data));
      const [code] = await once(child, 'close');
      strictEqual(code, 0);
      match(text, /\d+\.\d+\.\d+/);
    },
  ],
  [
    'command: dev',
    async () => {
      const child = start('dev', MODULE, '--port', '0');
      const exited = once(child, 'exit');
      try {
        for await (const line of createInterface({ input: child.stdout })) {
          if (!line.startsWith('http://')) continue;
          strictEqual(await (await fetch(`${line}x`)).text(), 'served /x');
          process.kill(child.pid, 'SIGTERM');
          break;
        }
        strictEqual((await exited)[0], 0);
      } finally {
        child.kill('SIGKILL');
      }
    },
  ],
  ['command: serve', () => serving([], answers)],
  ['command: serve --workers 2', () => serving(['--workers', '2'], answers)],
];

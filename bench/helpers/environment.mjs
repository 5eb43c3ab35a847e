/** What a figure depends on beside the code. */
import { spawnSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import { createRequire } from 'node:module';
import { findExecutable } from './executables.mjs';
import { ENOUGH_ROUNDS } from './report.mjs';

const require = createRequire(import.meta.url);

/** @param options - `{ rounds, seconds, cpuProfile }`. */
export function environment({ rounds, seconds, cpuProfile }) {
  const processors = cpus();
  const facts = {
    machine: `${processors.length} × ${processors[0]?.model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    system: `${type()} ${release()}`,
    'Node.js': process.version,
    rxjs: versionOf('rxjs'),
    nginx: said('nginx', ['-v'], /nginx\/(\S+)/),
    uWSGI: said('uwsgi', ['--version'], /(\S+)/),
    wrk: said('wrk', ['-v'], /wrk (\S+)/),
    'node-fastcgi': versionOf('node-fastcgi'),
    rounds: `${rounds}, of ${seconds} s where there is load${rounds < ENOUGH_ROUNDS ? '; too few for a figure' : ''}`,
  };
  return cpuProfile ? { ...facts, 'CPU profiler': 'on: figures are of no use' } : facts;
}

function versionOf(name) {
  try {
    return require(`${name}/package.json`).version;
  } catch {
    return 'missing';
  }
}

function said(name, args, pattern) {
  const path = findExecutable(name);
  if (path === undefined) return 'missing';
  const { stdout, stderr } = spawnSync(path, args, { encoding: 'utf8' });
  return pattern.exec(stdout + stderr)?.[1] ?? 'unknown';
}

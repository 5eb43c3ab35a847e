/** Describes what the figures depend on besides the code. */
import { spawnSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import { createRequire } from 'node:module';
import { findExecutable } from '../shared/executables.mjs';
import { bunPath } from '../shared/missing.mjs';
import { ENOUGH_ROUNDS } from './report.mjs';

const require = createRequire(import.meta.url);

/** @param options - those of the scope. */
export function environment({ builds, rounds, seconds, cpuProfile }) {
  const processors = cpus();
  const facts = {
    machine: `${processors.length} × ${processors[0]?.model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    system: `${type()} ${release()}`,
    'Node.js': process.version,
    Bun: bunVersion(),
    rxjs: versionOf('rxjs'),
    nginx: said('nginx', ['-v'], /nginx\/(\S+)/),
    uWSGI: said('uwsgi', ['--version'], /(\S+)/),
    wrk: said('wrk', ['-v'], /wrk (\S+)/),
    'node-fastcgi': versionOf('node-fastcgi'),
    load: `in slices of ${seconds} s`,
  };
  if (rounds !== undefined)
    facts.rounds = `${rounds}${rounds < ENOUGH_ROUNDS ? ', too few for a verdict' : ''}`;
  if (builds) [facts.A, facts.B] = builds.map(nameOf);
  if (cpuProfile) facts['CPU profiler'] = 'on: figures are of no use';
  return facts;
}

/** Names the folder of a build, with its commit if it is a working tree. */
function nameOf(folder) {
  const { status, stdout } = spawnSync('git', ['-C', folder, 'log', '-1', '--format=%h %s'], {
    encoding: 'utf8',
  });
  return status === 0 ? `${folder} (${stdout.trim()})` : folder;
}

function versionOf(name) {
  try {
    return require(`${name}/package.json`).version;
  } catch {
    return 'missing';
  }
}

function bunVersion() {
  try {
    return spawnSync(bunPath(), ['--version'], { encoding: 'utf8' }).stdout.trim();
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

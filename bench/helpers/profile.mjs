/** Reads CPU profiles. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const SHOWN = 25;

/** Lists the functions with the most self time. @param names - of the profiles in `folder`. */
export function topFunctions(folder, names) {
  return names.map((name) => `${name}\n${listing(read(join(folder, `${name}.cpuprofile`)))}`).join('\n\n');
}

function read(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function listing({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const functions = new Map();
  const origins = new Map();
  let busy = 0;
  for (const [index, id] of samples.entries()) {
    const { callFrame } = byId.get(id);
    if (callFrame.functionName === '(idle)') continue;
    const delta = Math.max(0, timeDeltas[index]);
    busy += delta;
    add(functions, nameOf(callFrame), delta);
    add(origins, originOf(callFrame), delta);
  }
  const percent = ([name, time]) => `${((100 * time) / busy).toFixed(1).padStart(6)} %  ${name}`;
  const byTime = (sums) => [...sums].sort(([, a], [, b]) => b - a);
  return [...byTime(origins), ['', 0], ...byTime(functions).slice(0, SHOWN)]
    .map((entry) => (entry[0] === '' ? '' : percent(entry)))
    .join('\n');
}

function add(sums, key, value) {
  sums.set(key, (sums.get(key) ?? 0) + value);
}

/** Names the owner of the code. Code without a URL is native, mostly system calls. */
function originOf({ functionName, url }) {
  if (url === '') return functionName.startsWith('(') ? functionName : 'native';
  if (url.startsWith('node:')) return 'Node.js';
  const path = shorten(url);
  return /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path.split('/')[0];
}

function nameOf({ functionName, url, lineNumber }) {
  const name = functionName || '(anonymous)';
  if (url === '') return name;
  return `${name}  ${shorten(url)}:${lineNumber + 1}`;
}

/** Shortens a URL to the path in node_modules or in the project. */
function shorten(url) {
  const [, path] = /\/(node_modules\/.*)$/.exec(url) ?? /\/((?:dist|bench)\/.*)$/.exec(url) ?? [];
  return path ?? url;
}

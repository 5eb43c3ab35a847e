/** Reads CPU profiles: which functions the time was spent in. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const SHOWN = 25;

/** The functions with the most time of their own. @param names - of profiles, in `folder`. */
export function topFunctions(folder, names) {
  return names.map((name) => `${name}\n${listing(read(join(folder, `${name}.cpuprofile`)))}`).join('\n\n');
}

function read(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function listing({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const selfTime = new Map();
  let busy = 0;
  for (const [index, id] of samples.entries()) {
    const { callFrame } = byId.get(id);
    if (callFrame.functionName === '(idle)') continue;
    const delta = Math.max(0, timeDeltas[index]);
    busy += delta;
    const key = nameOf(callFrame);
    selfTime.set(key, (selfTime.get(key) ?? 0) + delta);
  }
  const sorted = [...selfTime].sort(([, a], [, b]) => b - a).slice(0, SHOWN);
  return sorted.map(([key, time]) => `${((100 * time) / busy).toFixed(1).padStart(6)} %  ${key}`).join('\n');
}

function nameOf({ functionName, url, lineNumber }) {
  const name = functionName || '(anonymous)';
  if (url === '') return name;
  return `${name}  ${url.replace(/^.*\/(?=(?:dist|bench|node_modules)\/)/, '')}:${lineNumber + 1}`;
}

// Writes the programs of examples/ into the pages that show them, so that a page and its program cannot differ.
//
//     node scripts/include-examples.mjs            rewrites README.md and the pages below docs/
//     node scripts/include-examples.mjs --check    changes nothing, names the blocks that are stale, and fails then
//
// A page names a file, or a region of it, before a block of code:
//
//     <!-- example: recipes/cookies.mjs -->
//     <!-- example: hello/handler.mjs#upload -->
//
// A region is what stands between the lines `#region upload` and `#endregion` of the file, each in a comment.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = process.env.EXAMPLES_ROOT ?? dirname(dirname(fileURLToPath(import.meta.url)));
const MARKER = /^<!-- example: ([^\s#]+)(?:#(\S+))? -->$/;
const LANGUAGES = {
  mjs: 'js',
  // Not `ts`: the blocks of TypeScript that a page has itself are checked with the options of this package.
  ts: 'typescript',
  cjs: 'js',
  conf: 'nginx',
  cfg: 'haproxy',
  service: 'ini',
  socket: 'ini',
};

const isCheck = process.argv.includes('--check');
const stale = pages().flatMap((page) => update(page));
for (const line of stale) console.error(line);
if (stale.length > 0 && isCheck) {
  console.error('run: node scripts/include-examples.mjs');
  process.exitCode = 1;
}

function pages() {
  const below = readdirSync(join(ROOT, 'docs'), { recursive: true }).filter(
    (name) => name.endsWith('.md') && !name.includes('node_modules'),
  );
  return ['README.md', ...below.map((name) => join('docs', name)).sort()];
}

/** Rewrites a page, unless it is only checked. @returns a line for each block that was stale. */
function update(page) {
  const lines = readFileSync(join(ROOT, page), 'utf8').split('\n');
  const written = [];
  const found = [];
  for (let index = 0; index < lines.length; index++) {
    written.push(lines[index]);
    const [, file, region] = MARKER.exec(lines[index]) ?? [];
    if (file === undefined) continue;
    const where = `${page}:${index + 1}`;
    const end = endOfBlock(lines, index + 1, where);
    const block = blockOf(file, region, where);
    if (lines.slice(index + 1, end).join('\n') !== block)
      found.push(`${where}: ${file} is shown differently`);
    written.push(block);
    index = end - 1;
  }
  if (found.length > 0 && !isCheck) writeFileSync(join(ROOT, page), written.join('\n'));
  return found;
}

/** The index of the line after the block that begins at `start`, or after an empty line; `start` when there is no block yet. */
function endOfBlock(lines, start, where) {
  const first = lines[start] === '' ? start + 1 : start;
  if (!lines[first]?.startsWith('```')) return start;
  const last = lines.findIndex((line, index) => index > first && line === '```');
  if (last < 0) throw new Error(`${where}: the block has no end`);
  return last + 1;
}

function blockOf(file, region, where) {
  const text = readFileSync(join(ROOT, 'examples', file), 'utf8');
  const code = region === undefined ? withoutMarks(text) : regionOf(text, region, where);
  return `\n\`\`\`${languageOf(file)}\n${code.trimEnd()}\n\`\`\``;
}

function withoutMarks(text) {
  return text.replace(/^.*#(?:end)?region\b.*\n/gm, '');
}

function regionOf(text, region, where) {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.trimEnd().endsWith(`#region ${region}`));
  const last = lines.findIndex((line, index) => index > first && line.includes('#endregion'));
  if (first < 0 || last < 0) throw new Error(`${where}: there is no region ${region}`);
  return withoutMarks(`${lines.slice(first + 1, last).join('\n')}\n`);
}

function languageOf(file) {
  const extension = extname(file).slice(1);
  return basename(file) === 'Dockerfile' ? 'dockerfile' : (LANGUAGES[extension] ?? extension);
}

/**
 * Writes the parts of docs/reference that are made from something else: the help of the command, and the table of options from the
 * sections below it. Each is between two comments. `--check` writes nothing, and fails when a part is stale.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COMMAND = `${ROOT}dist/esm/cli/main.js`;

/** What a part is made of, by the word in its comment: `<!-- generated: help serve -->`. */
const MAKERS = {
  help: (_, ...command) => {
    const text = execFileSync(process.execPath, [COMMAND, ...command, '--help'], { encoding: 'utf8' });
    return `\`\`\`text\n${text.trimEnd()}\n\`\`\``;
  },
  options: (page) => {
    const sections = page.matchAll(/^### `(\w+)`\n\n(.+?) · (default: .+?|required) · (`.+`)$/gm);
    const rows = Array.from(sections, ([, name, unit, value, functions]) => [
      `[\`${name}\`](#${name.toLowerCase()})`,
      unit,
      value.replace('default: ', ''),
      functions,
    ]);
    return tableOf([['option', 'unit', 'default', 'accepted by'], ...rows]);
  },
};

/** A table as prettier has it. */
function tableOf([head, ...rows]) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

for (const name of ['docs/reference/command-line.md', 'docs/reference/options.md']) {
  const page = readFileSync(ROOT + name, 'utf8');
  const made = page.replace(
    /(<!-- generated: (\w+)((?: \w+)*) -->\n).*?(?=\n<!-- end -->)/gs,
    (_, comment, maker, words) => `${comment}\n${MAKERS[maker](page, ...words.split(' ').filter(Boolean))}\n`,
  );
  if (made === page) continue;
  if (process.argv.includes('--check')) {
    console.error(`stale: ${name}\nRun \`npm run --prefix docs/site pages\`, and commit what it writes.`);
    process.exitCode = 1;
  } else writeFileSync(ROOT + name, made);
}

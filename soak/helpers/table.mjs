/** A table in plain text. */

/** Longer cells go on in the next line. */
const MAX_WIDTH = 64;

/** @param rows - arrays of cells, the first of them the heading. */
export function table(rows) {
  const wrapped = rows.map((row) => row.map(wrap));
  const widths = rows[0].map((_, column) =>
    Math.max(...wrapped.flatMap((row) => row[column].map((line) => line.length))),
  );
  const lines = wrapped.flatMap((row) => linesOf(row, widths));
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  return lines.join('\n');
}

function linesOf(row, widths) {
  const height = Math.max(...row.map((cell) => cell.length));
  return Array.from({ length: height }, (_, index) =>
    widths
      .map((width, column) => (row[column][index] ?? '').padEnd(width))
      .join('  ')
      .trimEnd(),
  );
}

function wrap(text) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= MAX_WIDTH) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

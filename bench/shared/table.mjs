/** Formats tables as Markdown, which is readable in a terminal, too. */

/**
 * @param rows - arrays of cells, the first of them the heading.
 * @param numeric - columns that are aligned on the right.
 * @param maxWidth - of a cell. A longer cell continues on the next line, which is not Markdown any more.
 */
export function formatTable(rows, { numeric = new Set(), maxWidth = Infinity } = {}) {
  const wrapped = rows.map((row) => row.map((cell) => wrap(cell, maxWidth)));
  const widths = rows[0].map((_, column) =>
    Math.max(3, ...wrapped.flatMap((row) => row[column].map((line) => line.length))),
  );
  const pad = (text, column) =>
    numeric.has(column) ? text.padStart(widths[column]) : text.padEnd(widths[column]);
  const rule = widths.map((width, column) =>
    numeric.has(column) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  const [heading, ...lines] = wrapped.flatMap((row) => linesOf(row).map((line) => line.map(pad)));
  return [heading, rule, ...lines].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function linesOf(row) {
  const height = Math.max(...row.map((cell) => cell.length));
  return Array.from({ length: height }, (_, index) => row.map((cell) => cell[index] ?? ''));
}

function wrap(text, maxWidth) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= maxWidth) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The rows of the table in a page whose header begins with a word; a cell is text without its backticks. */
export function rowsOf(page: string, firstHeader: string): string[][] {
  const lines = page.split('\n');
  const header = lines.findIndex((line) => new RegExp(`^\\| ${firstHeader} +\\|`).test(line));
  if (header < 0) throw new Error(`no table begins with ${firstHeader}`);
  const rows: string[][] = [];
  for (let index = header + 2; lines[index]?.startsWith('|'); index++) {
    const cells = (lines[index] as string).split('|').slice(1, -1);
    rows.push(cells.map((cell) => cell.replaceAll('`', '').trim()));
  }
  return rows;
}

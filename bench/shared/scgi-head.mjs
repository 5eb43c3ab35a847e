/** The head of an SCGI request, written without the library. */

/** Names and values of the header block, before it becomes a netstring. */
export function blockOf(variables) {
  return Buffer.from(variables.map(([name, value]) => `${name}\0${value}\0`).join(''), 'latin1');
}

/** @param variables - pairs of names and values; CONTENT_LENGTH is put before them. */
export function headOf(variables, contentLength = 0) {
  const block = blockOf([['CONTENT_LENGTH', String(contentLength)], ...variables]);
  return Buffer.concat([Buffer.from(`${block.length}:`), block, Buffer.from(',')]);
}

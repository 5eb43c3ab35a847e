/** The head of an SCGI request, written without the library. */

/** Makes the header block, without the netstring around it. */
export function blockOf(variables) {
  return Buffer.from(variables.map(([name, value]) => `${name}\0${value}\0`).join(''), 'latin1');
}

/** Makes the head. @param variables - pairs of names and values, to follow CONTENT_LENGTH. */
export function headOf(variables, contentLength = 0) {
  const block = blockOf([['CONTENT_LENGTH', String(contentLength)], ...variables]);
  return Buffer.concat([Buffer.from(`${block.length}:`), block, Buffer.from(',')]);
}

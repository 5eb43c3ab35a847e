/** As much of XML-RPC as the specs of rTorrent need. */

/** The text of a call; a Buffer goes as base64. */
export function methodCall(method: string, ...params: (string | Buffer)[]): string {
  const values = params.map((param) =>
    typeof param === 'string' ? `<string>${param}</string>` : `<base64>${param.toString('base64')}</base64>`,
  );
  const list = values.map((value) => `<param><value>${value}</value></param>`).join('');
  return `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${list}</params></methodCall>`;
}

/** The strings and numbers of a response, in their order. @throws Error for a fault. */
export function valuesOf(response: string): string[] {
  if (!response.startsWith('<?xml') || response.includes('<fault>')) throw new Error(response);
  return [...response.matchAll(/<(string|i4|i8)>([^<]*)<\/\1>/g)].map(([, , value = '']) => value);
}

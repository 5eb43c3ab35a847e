/** A response as a gateway takes it apart. */
export interface ParsedResponse {
  readonly fields: [name: string, value: string][];
  readonly body: string;
}

/** Takes a response apart: lines up to the first empty one, then the body. Everything is ISO-8859-1. */
export function parseResponse(response: string): ParsedResponse {
  const end = response.indexOf('\r\n\r\n');
  if (end < 0) throw new Error(`the head has no end: ${JSON.stringify(response)}`);
  const fields = response
    .slice(0, end)
    .split('\r\n')
    .map((line): [string, string] => {
      const colon = line.indexOf(': ');
      if (colon < 1) throw new Error(`the line is no field: ${JSON.stringify(line)}`);
      return [line.slice(0, colon), line.slice(colon + 2)];
    });
  return { fields, body: response.slice(end + 4) };
}

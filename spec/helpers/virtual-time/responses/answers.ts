const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Content Too Large',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** Every byte of what answers an error of this status. */
export function errorAnswerOf(status: number): string {
  const reason = REASONS[status] ?? 'unknown to this table';
  const retryAfter = status === 503 ? 'Retry-After: 1\r\n' : '';
  return (
    `Status: ${status} ${reason}\r\nContent-Type: text/plain; charset=utf-8\r\n${retryAfter}` +
    `Content-Length: ${reason.length + 1}\r\n\r\n${reason}\n`
  );
}

/** Settles headers that come more than once, as `lenientDuplicates` allows. RFC 9110 §5.2 and §5.3. */

/** These say how to read the request. Two figures that differ mean that somebody is wrong, or lying. */
const MUST_AGREE = new Set(['CONTENT_LENGTH', 'SCGI', 'HTTP_CONTENT_LENGTH']);

/** The fields of HTTP whose grammar is one value: joined, two of them would mean something else, or nothing. */
const SINGLETONS = new Set(
  [
    'ACCESS_CONTROL_REQUEST_METHOD',
    'ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK',
    'AUTHORIZATION',
    'CONTENT_DISPOSITION',
    'CONTENT_LOCATION',
    'CONTENT_RANGE',
    'CONTENT_TYPE',
    'DATE',
    'DNT',
    'EARLY_DATA',
    'ETAG',
    'EXPIRES',
    'FROM',
    'HOST',
    'IDEMPOTENCY_KEY',
    'IF_MODIFIED_SINCE',
    'IF_RANGE',
    'IF_UNMODIFIED_SINCE',
    'LAST_EVENT_ID',
    'LAST_MODIFIED',
    'MAX_FORWARDS',
    'ORIGIN',
    'PROXY_AUTHORIZATION',
    'RANGE',
    'REFERER',
    'SEC_FETCH_DEST',
    'SEC_FETCH_MODE',
    'SEC_FETCH_SITE',
    'SEC_FETCH_USER',
    'SEC_GPC',
    'UPGRADE_INSECURE_REQUESTS',
    'USER_AGENT',
    'X_REAL_IP',
    'X_REQUESTED_WITH',
  ].map((field) => `HTTP_${field}`),
);

/**
 * The value of a header that comes again.
 *
 * List fields are joined. Of everything else the last value counts: people override a parameter after an `include`.
 *
 * @returns `undefined` when the two must agree and do not.
 */
export function settleRepeated(name: string, earlier: string, later: string): string | undefined {
  if (MUST_AGREE.has(name)) return earlier === later ? later : undefined;
  if (!name.startsWith('HTTP_') || SINGLETONS.has(name)) return later;
  return `${earlier}${name === 'HTTP_COOKIE' ? '; ' : ', '}${later}`;
}

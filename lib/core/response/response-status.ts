/** Checks the `status` of a response: a number, or a number and its reason. RFC 3875 §6.3.3. */
import { ScgiUsageError } from '../errors/errors.js';
import { quoted } from '../text/quoted.js';
import { reasonPhraseOf } from './reason-phrases.js';
import { invalid, isUnsafe } from './response-fields.js';

const STATUS_TEXT = /^([2-5][0-9]{2})(?: (.*))?$/;

/** A status as it goes out: `code` and `code reason`. */
export interface Status {
  readonly code: number;
  readonly line: string;
}

/**
 * Checks a status.
 *
 * @throws ScgiUsageError ERR_SCGI_HEADER_INVALID for a reason that could split the response.
 * @throws ScgiUsageError ERR_SCGI_STATUS_INVALID for anything but 200..599, alone or with a reason.
 */
export function checkedStatus(status: number | string): Status {
  if (typeof status === 'number') {
    if (Number.isInteger(status) && status >= 200 && status <= 599) {
      return { code: status, line: `${status} ${reasonPhraseOf(status)}` };
    }
  } else if (typeof status === 'string') {
    if (isUnsafe(status)) throw invalid('the status has a control character, or a character above U+00FF');
    const match = STATUS_TEXT.exec(status);
    if (match) {
      const code = Number(match[1]);
      return { code, line: match[2] ? status : `${code} ${reasonPhraseOf(code)}` };
    }
  }
  throw new ScgiUsageError(
    'ERR_SCGI_STATUS_INVALID',
    `the status must be a whole number from 200 to 599, or 'NNN reason', not ${quoted(status)}`,
  );
}

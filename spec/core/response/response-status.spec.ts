import { checkedStatus } from '../../../lib/core/response/response-status.js';
import { factsThrownBy } from '../../helpers/faults/error-facts.js';

const STATUS_INVALID = { code: 'ERR_SCGI_STATUS_INVALID', status: 500 };
const HEADER_INVALID = { code: 'ERR_SCGI_HEADER_INVALID', status: 500 };

describe('checkedStatus', () => {
  it.each([
    [200, 200, '200 OK'],
    [404, 404, '404 Not Found'],
    [599, 599, '599 Status'],
    ['200', 200, '200 OK'],
    ['200 ', 200, '200 OK'],
    ['404 No Such Page', 404, '404 No Such Page'],
    ['299 \xe9', 299, '299 \xe9'],
    ['200  two spaces', 200, '200  two spaces'],
  ])('should make %p the code %i and the line "%s"', (status, code, line) => {
    expect(checkedStatus(status)).toEqual({ code, line });
  });

  it.each([
    [199],
    [600],
    [100],
    [0],
    [-200],
    [200.5],
    [NaN],
    [Infinity],
    ['199'],
    ['600 Much'],
    ['20'],
    ['2000'],
    ['200OK'],
    [' 200'],
    ['OK'],
    [''],
    ['\xb2\xb0\xb0'],
    [null],
    [true],
    [{}],
    [10n],
    [Symbol('x')],
    [Object.create(null)],
    [[200]],
  ])('should refuse %p', (status) => {
    expect(factsThrownBy(() => checkedStatus(status as number))).toEqual(STATUS_INVALID);
  });

  it.each([
    '200 OK\r\nX: y',
    '200 OK\n',
    '200\r',
    '200 \0',
    '200 \x1b[0m',
    '200 \x7f',
    '200 \u010d\u010aX: y',
    '200 \u20ac',
  ])('should refuse the reason of %j, which could split the response', (status) => {
    expect(factsThrownBy(() => checkedStatus(status))).toEqual(HEADER_INVALID);
  });
});

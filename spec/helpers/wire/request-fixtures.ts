import type { ReaderOptions } from '../../../lib/core/options.js';
import { netstring } from './wire.js';

/**
 * A request and its log. Each line begins with the number of bytes that must have been read for the event to come:
 * one byte less, and it must not; that byte, and it must, whatever follows.
 */
export interface RequestFixture {
  readonly should: string;
  readonly input: string;
  readonly options?: ReaderOptions;
  readonly log: readonly string[];
}

const LONG = 'v'.repeat(1500);

/** Requests that are read to their end. */
export const REQUESTS: readonly RequestFixture[] = [
  {
    should: 'read the example of the specification',
    input:
      '70:CONTENT_LENGTH␀27␀SCGI␀1␀REQUEST_METHOD␀POST␀REQUEST_URI␀/deepthought␀,What is the answer to life?',
    log: [
      '74 headers 27 CONTENT_LENGTH=27 SCGI=1 REQUEST_METHOD=POST REQUEST_URI=/deepthought',
      '101 body What is the answer to life?',
      '101 end',
    ],
  },
  {
    should: 'end with the headers when there is no body',
    input: '24:CONTENT_LENGTH␀0␀SCGI␀1␀,',
    log: ['28 headers 0 CONTENT_LENGTH=0 SCGI=1', '28 end'],
  },
  {
    should: 'take SCGI as the last header, as lighttpd sends it',
    input: '28:CONTENT_LENGTH␀1␀A␀b␀SCGI␀1␀,x',
    log: ['32 headers 1 CONTENT_LENGTH=1 A=b SCGI=1', '33 body x', '33 end'],
  },
  {
    should: 'take CONTENT_LENGTH behind other headers',
    input: '24:SCGI␀1␀CONTENT_LENGTH␀0␀,',
    log: ['28 headers 0 SCGI=1 CONTENT_LENGTH=0', '28 end'],
  },
  {
    should: 'take CONTENT_LENGTH as the first header when strict',
    input: '24:CONTENT_LENGTH␀0␀SCGI␀1␀,',
    options: { strict: true },
    log: ['28 headers 0 CONTENT_LENGTH=0 SCGI=1', '28 end'],
  },
  {
    should: 'take leading zeros in CONTENT_LENGTH',
    input: netstring('CONTENT_LENGTH␀0003␀SCGI␀1␀') + 'abc',
    log: ['31 headers 3 CONTENT_LENGTH=0003 SCGI=1', '34 body abc', '34 end'],
  },
  {
    should: 'take empty values',
    input: netstring('CONTENT_LENGTH␀0␀QUERY_STRING␀␀SCGI␀1␀A␀␀'),
    log: ['45 headers 0 CONTENT_LENGTH=0 QUERY_STRING= SCGI=1 A=', '45 end'],
  },
  {
    should: 'take every byte but NUL in names and values, commas and colons included',
    input: netstring('CONTENT_LENGTH␀0␀SCGI␀1␀,:1\x01\n␀\xff,5:é␀'),
    log: ['40 headers 0 CONTENT_LENGTH=0 SCGI=1 ,:1\x01\n=\xff,5:é', '40 end'],
  },
  {
    should: 'take the names that plain objects trip over',
    input: netstring('CONTENT_LENGTH␀0␀SCGI␀1␀__proto__␀a␀constructor␀b␀'),
    log: ['54 headers 0 CONTENT_LENGTH=0 SCGI=1 __proto__=a constructor=b', '54 end'],
  },
  {
    should: 'keep names apart that differ in case',
    input: netstring('CONTENT_LENGTH␀0␀SCGI␀1␀scgi␀2␀Http_A␀b␀HTTP_A␀c␀'),
    log: ['53 headers 0 CONTENT_LENGTH=0 SCGI=1 scgi=2 Http_A=b HTTP_A=c', '53 end'],
  },
  {
    should: 'take NULs, digits and commas in the body',
    input: '24:CONTENT_LENGTH␀5␀SCGI␀1␀,␀1:,␀',
    log: ['28 headers 5 CONTENT_LENGTH=5 SCGI=1', '33 body ␀1:,␀', '33 end'],
  },
  {
    should: 'read a block that outgrows its first buffer',
    input: netstring(`CONTENT_LENGTH␀2␀SCGI␀1␀A␀${LONG}␀`) + 'ok',
    log: [`1533 headers 2 CONTENT_LENGTH=2 SCGI=1 A=${LONG}`, '1535 body ok', '1535 end'],
  },
  {
    should: 'ignore HTTP_CONTENT_LENGTH that is not above CONTENT_LENGTH',
    input: netstring('CONTENT_LENGTH␀2␀SCGI␀1␀HTTP_CONTENT_LENGTH␀2␀') + 'ok',
    log: ['50 headers 2 CONTENT_LENGTH=2 SCGI=1 HTTP_CONTENT_LENGTH=2', '52 body ok', '52 end'],
  },
  {
    should: 'ignore HTTP_CONTENT_LENGTH that is no number',
    input: netstring('CONTENT_LENGTH␀0␀SCGI␀1␀HTTP_CONTENT_LENGTH␀many␀'),
    log: ['53 headers 0 CONTENT_LENGTH=0 SCGI=1 HTTP_CONTENT_LENGTH=many', '53 end'],
  },
  {
    should: 'believe the larger HTTP_CONTENT_LENGTH with lenientContentLength',
    input: netstring('CONTENT_LENGTH␀0␀SCGI␀1␀HTTP_CONTENT_LENGTH␀3␀') + 'abc',
    options: { lenientContentLength: true },
    log: ['50 headers 3 CONTENT_LENGTH=0 SCGI=1 HTTP_CONTENT_LENGTH=3', '53 body abc', '53 end'],
  },
  {
    should: 'keep the larger CONTENT_LENGTH with lenientContentLength',
    input: netstring('CONTENT_LENGTH␀3␀SCGI␀1␀HTTP_CONTENT_LENGTH␀1␀') + 'abc',
    options: { lenientContentLength: true },
    log: ['50 headers 3 CONTENT_LENGTH=3 SCGI=1 HTTP_CONTENT_LENGTH=1', '53 body abc', '53 end'],
  },
  {
    should:
      'merge repeated HTTP_* headers where the first stands, cookies by semicolons, with lenientDuplicates',
    input: netstring('CONTENT_LENGTH␀0␀HTTP_COOKIE␀a␀HTTP_X␀1␀SCGI␀1␀HTTP_X␀␀HTTP_COOKIE␀b␀HTTP_X␀3␀'),
    options: { lenientDuplicates: true },
    log: ['82 headers 0 CONTENT_LENGTH=0 HTTP_COOKIE=a; b HTTP_X=1, , 3 SCGI=1', '82 end'],
  },
  {
    should: 'take the last of what is no list, where the first stands, with lenientDuplicates',
    input: netstring(
      'CONTENT_LENGTH␀0␀REMOTE_ADDR␀10.0.0.1␀HTTP_HOST␀a␀SCGI␀1␀HTTP_HOST␀a:81␀REMOTE_ADDR␀1.2.3.4␀',
    ),
    options: { lenientDuplicates: true },
    log: ['96 headers 0 CONTENT_LENGTH=0 REMOTE_ADDR=1.2.3.4 HTTP_HOST=a:81 SCGI=1', '96 end'],
  },
  {
    should: 'take what must be said once and is said twice alike, with lenientDuplicates',
    input: netstring('CONTENT_LENGTH␀2␀SCGI␀1␀CONTENT_LENGTH␀2␀SCGI␀1␀') + 'ok',
    options: { lenientDuplicates: true, strict: true },
    log: ['52 headers 2 CONTENT_LENGTH=2 SCGI=1', '54 body ok', '54 end'],
  },
  {
    should: 'take a block of exactly maxHeaderBytes',
    input: '24:CONTENT_LENGTH␀0␀SCGI␀1␀,',
    options: { maxHeaderBytes: 24 },
    log: ['28 headers 0 CONTENT_LENGTH=0 SCGI=1', '28 end'],
  },
  {
    should: 'take exactly maxHeaders headers',
    input: netstring('CONTENT_LENGTH␀0␀SCGI␀1␀A␀b␀'),
    options: { maxHeaders: 3 },
    log: ['32 headers 0 CONTENT_LENGTH=0 SCGI=1 A=b', '32 end'],
  },
  {
    should: 'count repeated headers against maxHeaders, and take exactly as many, with lenientDuplicates',
    input: netstring('CONTENT_LENGTH␀0␀SCGI␀1␀HTTP_A␀1␀HTTP_A␀2␀'),
    options: { maxHeaders: 4, lenientDuplicates: true },
    log: ['46 headers 0 CONTENT_LENGTH=0 SCGI=1 HTTP_A=1, 2', '46 end'],
  },
  {
    should: 'take a body of exactly maxBodyBytes',
    input: '24:CONTENT_LENGTH␀5␀SCGI␀1␀,hello',
    options: { maxBodyBytes: 5 },
    log: ['28 headers 5 CONTENT_LENGTH=5 SCGI=1', '33 body hello', '33 end'],
  },
  {
    should: 'take no body where maxBodyBytes is 0',
    input: '24:CONTENT_LENGTH␀0␀SCGI␀1␀,',
    options: { maxBodyBytes: 0 },
    log: ['28 headers 0 CONTENT_LENGTH=0 SCGI=1', '28 end'],
  },
];

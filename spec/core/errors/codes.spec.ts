import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIMIT_STATUS, PROTOCOL_STATUS, USAGE_STATUS } from '../../../lib/core/errors/codes.js';
import { HEADER_BLOCK_FAULTS } from '../../helpers/faults/header-block-faults.js';
import { NETSTRING_FAULTS, PREMATURE } from '../../helpers/faults/netstring-faults.js';
import { REQUEST_HEAD_FAULTS } from '../../helpers/faults/request-head-faults.js';

type Row = readonly [code: string, className: string, status: number];

const CODES: readonly Row[] = [
  ...Object.entries(PROTOCOL_STATUS).map(([code, status]): Row => [code, 'ScgiProtocolError', status]),
  ...Object.entries(LIMIT_STATUS).map(([code, status]): Row => [code, 'ScgiLimitError', status]),
  ...Object.entries(USAGE_STATUS).map(([code, status]): Row => [code, 'ScgiUsageError', status]),
];

/** Those of which the specification of the reader is a table, in its order. */
const REQUEST_FAULTS = [...NETSTRING_FAULTS, ...HEADER_BLOCK_FAULTS, ...REQUEST_HEAD_FAULTS, PREMATURE];

describe('the error codes', () => {
  it('should each belong to one class', () => {
    expect(new Set(CODES.map(([code]) => code)).size).toBe(CODES.length);
  });

  it('should each be named after what is wrong', () => {
    expect(CODES.filter(([code]) => !/^ERR_SCGI(_[A-Z]+)+$/.test(code))).toEqual([]);
  });
});

describe('docs/reference/errors.md', () => {
  const page = readFileSync(join(__dirname, '../../../docs/reference/errors.md'), 'utf8');
  const sections = page.split(/^(?=### )/m).slice(1);

  it('should have one section for each code, with its class and its status', () => {
    const described = sections.map((section): Row => {
      const [, code = '', className = '', status] =
        /^### `(\w+)`\n\n`(\w+)` · status (\d+)(?: · `offset`: .+)?\n/.exec(section) ?? [];
      return [code, className, Number(status)];
    });
    expect(byCode(described)).toEqual(byCode(CODES));
  });

  it('should say in each section what to do', () => {
    expect(sections.filter((section) => !section.includes('\n**What to do:** '))).toEqual([]);
  });

  it('should give an offset to every fault of the protocol, and to none of the application', () => {
    const without = sections
      .filter((section) => !/· `offset`: /.test(section))
      .map((section) => section.slice(0, 80));
    expect(without.filter((section) => section.includes('ScgiProtocolError'))).toEqual([]);
    expect(sections.filter((section) => /ScgiUsageError` .*`offset`/.test(section))).toEqual([]);
  });

  it('should begin with a table of the same codes in the same order, each with a link to its section', () => {
    const rows = [...page.matchAll(/^\| \[`(\w+)`\]\(#(\w+)\) +\| `(\w+)` +\| (\d+) +\|$/gm)];
    expect(rows.map(([, code]) => `### \`${code}\``)).toEqual(
      sections.map((section) => section.split('\n', 1)[0]),
    );
    expect(rows.filter(([, code, anchor]) => anchor !== code?.toLowerCase())).toEqual([]);
    const summed = rows.map(([, code = '', , className = '', status]): Row => [
      code,
      className,
      Number(status),
    ]);
    expect(byCode(summed)).toEqual(byCode(CODES));
  });

  it('should begin with the faults of a request, in the order in which they are looked for', () => {
    const expected = REQUEST_FAULTS.map(({ code }) => `### \`${code}\``);
    expect(sections.slice(0, expected.length).map((section) => section.split('\n', 1)[0])).toEqual(expected);
  });
});

function byCode(rows: readonly Row[]): Row[] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
}

import { verifyServeOptions } from '../../../lib/system/serving/serve-options.js';
import {
  DEV_DRAIN_FLAG,
  DEV_DRAIN_TIMEOUT_MS,
  DRAIN_FLAG,
  LIMIT_FLAGS,
  PROTOCOL_FLAGS,
  TIME_FLAGS,
} from '../../../lib/cli/flags/flags.js';

const LIMITS = [...LIMIT_FLAGS, ...TIME_FLAGS, DRAIN_FLAG];

/** What serveScgi takes by default, flat. */
function defaults(): Map<string, unknown> {
  const { handle, write, ...rest } = verifyServeOptions({ listen: '127.0.0.1:0' });
  return new Map(Object.entries({ ...rest, ...handle, ...handle.limits, ...write }));
}

describe('the flags', () => {
  it.each(LIMITS)('should tell the default of $option as serveScgi has it', ({ option, help }) => {
    const told = /\(default ([0-9]+|none)\)$/.exec(help)?.[1];
    expect(told === 'none' ? Infinity : Number(told)).toBe(defaults().get(option));
  });

  it('should be there for every limit, time and tolerance', () => {
    const derived = ['maxCollectedBytes'];
    const options = [...defaults()]
      .filter(([name, value]) => ['number', 'boolean'].includes(typeof value) && !derived.includes(name))
      .map(([name]) => name);
    const flags = [...LIMITS, ...PROTOCOL_FLAGS].map(({ option }) => option as string);
    expect(options.filter((name) => !flags.includes(name))).toEqual([]);
  });

  it('should be written as their options are, with hyphens', () => {
    for (const { name, option, sets } of [...LIMITS, ...PROTOCOL_FLAGS]) {
      const camelCase = name
        .replace(/^no-/, '')
        .replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
      expect(camelCase).toBe(option);
      expect(name.startsWith('no-')).toBe(sets === false);
    }
  });

  it('should tell the default of dev for drainTimeoutMs', () => {
    expect(DEV_DRAIN_FLAG.help).toContain(`(default ${DEV_DRAIN_TIMEOUT_MS})`);
  });
});

/** Parses the options of a command with `node:util` parseArgs; an error is one line. */
import { parseArgs } from 'node:util';
import { nearest } from '../../core/text/nearest.js';
import { misuse } from '../command-error.js';
import type { Flag } from './flags.js';

/** The parsed arguments. */
export interface ParsedFlags {
  readonly positionals: readonly string[];
  /** The values of each flag that was given, in their order; a switch has an empty value. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/**
 * Parses the arguments of a command.
 *
 * @param hint - where to find help: `see rxscgi serve --help`.
 * @throws CommandError for an unknown option, a missing value, or a value of a switch.
 */
export function parseFlags(args: readonly string[], flags: readonly Flag[], hint: string): ParsedFlags {
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(flags.map(parserOption)),
    // In strict mode it throws messages of several lines.
    strict: false,
    tokens: true,
  });
  const positionals: string[] = [];
  const values = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const flag = flags.find(({ name }) => name === token.name);
    if (!flag) throw unknown(token.rawName, flags, hint);
    values.set(flag.name, [...(values.get(flag.name) ?? []), valueOf(flag, token, hint)]);
  }
  return { positionals, values };
}

function parserOption({
  name,
  short,
  value,
}: Flag): [string, { type: 'string' | 'boolean'; short?: string }] {
  return [
    name,
    { type: value === undefined ? 'boolean' : 'string', ...(short === undefined ? {} : { short }) },
  ];
}

interface OptionToken {
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function valueOf(flag: Flag, { rawName, value, inlineValue }: OptionToken, hint: string): string {
  if (flag.value === undefined) {
    if (value === undefined) return '';
    if (flag.optionalValue !== undefined && value !== '') return value;
    if (flag.optionalValue !== undefined)
      throw misuse(`${rawName}= needs a value: ${rawName}=${flag.optionalValue}`, hint);
    throw misuse(`${rawName} takes no value`, hint);
  }
  // parseArgs takes `--log` as the value in `--listen --log`.
  const isAnother = !inlineValue && value !== undefined && /^-./.test(value);
  const missing = value === undefined || (value === '' && !flag.mayBeEmpty) || isAnother;
  if (missing) throw misuse(`${rawName} needs a value: ${rawName} ${flag.value}`, hint);
  return value;
}

function unknown(rawName: string, flags: readonly Flag[], hint: string): Error {
  const name = rawName.replace(/^-+/, '');
  const names = flags.map((flag) => flag.name);
  // --timeout for --timeout-ms: the unit is easily forgotten.
  const meant = names.find((each) => each.startsWith(`${name}-`)) ?? nearest(name, names);
  return misuse(`there is no option ${rawName}`, meant === undefined ? hint : `did you mean --${meant}?`);
}

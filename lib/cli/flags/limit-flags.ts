/** Whole numbers as values of flags. */
import { misuse } from '../command-error.js';
import { flagNameOf } from './flags.js';

/** Returns the number; `none` is Infinity. @throws CommandError */
export function limitOf(flag: string, value: string, hint: string): number {
  if (value === 'none') return Infinity;
  if (/^[0-9]+$/.test(value)) return Number(value);
  throw misuse(`--${flag} takes a whole number, or none, not ${JSON.stringify(value)}`, hint);
}

/** Replaces the name of an option by its flag, in the message of an error. */
export function messageInFlags(message: string): string {
  return message
    .replace(/^[a-z][A-Za-z]*(?= must )/, (option) => `--${flagNameOf(option)}`)
    .replace('Infinity', 'none');
}

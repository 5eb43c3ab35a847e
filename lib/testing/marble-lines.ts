/** Draws what a TestScheduler compares as marble diagrams, with a legend. */
import { isBytes } from '../core/text/latin1.js';
import { textOf } from './bytes.js';
import { factsOf, isExpected, isHeaders } from './equality.js';

/** A notification at a frame, as TestScheduler logs it. */
export interface Message {
  readonly frame: number;
  readonly notification: {
    readonly kind: 'N' | 'E' | 'C';
    readonly value?: unknown;
    readonly error?: unknown;
  };
}

/** A subscription, as TestScheduler logs it; `Infinity` for what has not happened. */
export interface SubscriptionLog {
  readonly subscribedFrame: number;
  readonly unsubscribedFrame: number;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** A longer pause is written as a time. */
const MAX_HYPHENS = 20;
/** Characters of a value in the legend. */
const MAX_SHOWN = 500;
const MAX_DEPTH = 6;

/** Gives each value a letter: the same one for values that are equal, on whichever line. */
export class Legend {
  private readonly values: unknown[] = [];

  letterOf(value: unknown): string {
    let index = this.values.findIndex((each) => isExpected(each, value) || isExpected(value, each));
    if (index < 0) index = this.values.push(value) - 1;
    return LETTERS[index] ?? '?';
  }

  get lines(): string[] {
    return this.values.map((value, index) => `  ${LETTERS[index] ?? '?'}: ${shown(value)}`);
  }
}

/** One line of marbles; an error is `#`. */
export function marblesOf(messages: readonly Message[], legend: Legend): string {
  return drawn(
    messages.map(({ frame, notification }) => {
      const { kind, value } = notification;
      return [frame, kind === 'N' ? legend.letterOf(value) : kind === 'C' ? '|' : '#'];
    }),
  );
}

/** One line for a subscription: `--^--!`. */
export function subscriptionMarblesOf({ subscribedFrame, unsubscribedFrame }: SubscriptionLog): string {
  const events: (readonly [number, string])[] = [];
  if (subscribedFrame !== Infinity) events.push([subscribedFrame, '^']);
  if (unsubscribedFrame !== Infinity) events.push([unsubscribedFrame, '!']);
  return drawn(events);
}

/** A value in one line: bytes as text, errors by their facts. */
export function shown(value: unknown): string {
  const text = write(value, 0);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}... (${text.length} characters)` : text;
}

function drawn(events: readonly (readonly [frame: number, letter: string])[]): string {
  const groups = new Map<number, string>();
  for (const [frame, letter] of events) groups.set(frame, (groups.get(frame) ?? '') + letter);
  let line = '';
  let now = 0;
  for (const [frame, letters] of groups) {
    const pause = frame - now;
    // A group takes a frame for each of its characters: what happens meanwhile is out of the diagram's reach.
    if (pause < 0) line += ` at ${frame}ms: `;
    else line += pause > MAX_HYPHENS ? ` ${pause}ms ` : '-'.repeat(pause);
    const group = letters.length > 1 ? `(${letters})` : letters;
    line += group;
    now = frame + group.length;
  }
  return line.trim();
}

function write(value: unknown, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `[function ${value.name}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (isBytes(value)) return `bytes ${JSON.stringify(textOf(value))}`;
  if (depth >= MAX_DEPTH) return '...';
  if (value instanceof Error) return `${value.constructor.name} ${write(factsOf(value), depth + 1)}`;
  if (value instanceof Date) return `Date ${value.getTime()}`;
  if (isHeaders(value)) return `Headers ${write(Object.fromEntries(value), depth + 1)}`;
  if (Symbol.iterator in value) {
    const items = [...(value as Iterable<unknown>)].map((each) => write(each, depth + 1));
    return `[${items.join(', ')}]`;
  }
  const pairs = Object.entries(value).map(([key, each]) => `${key}: ${write(each, depth + 1)}`);
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
}

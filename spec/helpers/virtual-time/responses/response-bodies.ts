import { Readable } from 'node:stream';
import type { ScgiResponse } from '../../../../lib/operators/types.js';

/** A body of which the spec says when the next chunk is there, and what was done to it. */
export interface TestBody {
  readonly body: NonNullable<ScgiResponse['body']>;
  /** What was done: `pull` for each chunk asked for, `close`. */
  readonly log: string[];
  /** Where each chunk is waited for: gives the next, ends, or fails. Nothing is buffered. */
  readonly give: (chunk: unknown) => Promise<void>;
  readonly end: () => Promise<void>;
  readonly fail: (error: Error) => Promise<void>;
}

type Answer = { readonly chunk: unknown } | { readonly error: Error } | 'end';

/** Pulls that wait, and answers to them. */
class Supply {
  readonly log: string[] = [];
  private waiting: ((answer: Answer) => void) | undefined;

  async pull(): Promise<Answer> {
    this.log.push('pull');
    return new Promise((resolve) => (this.waiting = resolve));
  }

  readonly close = (): void => void this.log.push('close');

  async answer(answer: Answer): Promise<void> {
    await turns();
    if (!this.waiting) throw new Error('nobody has asked for a chunk');
    const { waiting } = this;
    this.waiting = undefined;
    waiting(answer);
    await turns();
  }
}

function testBody(make: (supply: Supply) => object): TestBody {
  const supply = new Supply();
  return {
    body: make(supply) as TestBody['body'],
    log: supply.log,
    give: (chunk) => supply.answer({ chunk }),
    end: () => supply.answer('end'),
    fail: (error) => supply.answer({ error }),
  };
}

/** Bodies that give their chunks later, by the kind of source. */
export const LATER_BODIES: Readonly<Record<string, () => TestBody>> = {
  'an async iterable': () => testBody(asyncIterable),
  'a ReadableStream': () => testBody(readableStream),
  'a ReadableStream without Symbol.asyncIterator': () => testBody(olderReadableStream),
  'a Node Readable': () => testBody(nodeReadable),
};

function asyncIterable(supply: Supply): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const answer = await supply.pull();
        if (answer === 'end') return { done: true, value: undefined };
        if ('error' in answer) throw answer.error;
        return { done: false, value: answer.chunk };
      },
      return() {
        supply.close();
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
}

function readableStream(supply: Supply): ReadableStream {
  return new ReadableStream(
    {
      async pull(controller) {
        const answer = await supply.pull();
        if (answer === 'end') controller.close();
        else if ('error' in answer) controller.error(answer.error);
        else controller.enqueue(answer.chunk);
      },
      cancel: supply.close,
    },
    { highWaterMark: 0 },
  );
}

/** As browsers had it for long. */
function olderReadableStream(supply: Supply): Pick<ReadableStream, 'getReader' | 'cancel'> {
  const stream = readableStream(supply);
  return { getReader: stream.getReader.bind(stream), cancel: stream.cancel.bind(stream) };
}

function nodeReadable(supply: Supply): Readable {
  return new Readable({
    objectMode: true,
    // Node reads one ahead at the least.
    highWaterMark: 1,
    read() {
      void supply.pull().then((answer) => {
        if (answer === 'end') this.push(null);
        else if ('error' in answer) this.destroy(answer.error);
        else this.push(answer.chunk);
      });
    },
    destroy(error, callback) {
      // Also called at the end of its own accord.
      if (!this.readableEnded && !error) supply.close();
      callback(error);
    },
  });
}

/** Lets everything happen that is to happen without new input. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

import { once } from 'node:events';
import { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { LogOutput } from '../../../lib/cli/log/log-output.js';

const LINE = { to: 'stdout', text: 'x'.repeat(1023) } as const;
/** Lines of 1 KiB that fit: 1 MiB, and the one that is under way. */
const FITTING = 1025;

/** A stream that takes nothing until it is released. */
class Stalled extends Writable {
  text = '';
  private release: (() => void) | undefined;
  private stalled = true;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    if (this.stalled) this.release = done;
    else done();
  }

  resume(): void {
    this.stalled = false;
    this.release?.();
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }
}

/** As Bun's streams of a process: what waits is not told, and a write of nothing is done at once. */
class Silent extends Stalled {
  constructor() {
    super();
    Object.defineProperty(this, 'writableLength', { value: 0 });
  }

  override write(chunk: unknown, ...more: unknown[]): boolean {
    const done = more.at(-1);
    if (chunk === '' && typeof done === 'function') (done as () => void)();
    return chunk === '' || (super.write as (...args: unknown[]) => boolean).call(this, chunk, ...more);
  }
}

function setUp(): { stdout: Stalled; stderr: Stalled; output: LogOutput } {
  const [stdout, stderr] = [new Stalled(), new Stalled()];
  return { stdout, stderr, output: new LogOutput({ stdout, stderr }) };
}

/** Lets a stream take everything, and waits until it has. */
async function release(stream: Stalled): Promise<void> {
  const drained = once(stream, 'drain');
  stream.resume();
  await drained;
  // Then it calls back for each line.
  await setImmediate();
}

describe('LogOutput', () => {
  it('should print each line to its stream', () => {
    const { stdout, stderr, output } = setUp();
    stdout.resume();
    stderr.resume();
    output.print({ to: 'stdout', text: 'a' });
    output.print({ to: 'stderr', text: 'b' });
    expect([stdout.text, stderr.text]).toEqual(['a\n', 'b\n']);
  });

  it('should drop lines while 1 MiB waits, and report that on stderr when the reader has caught up', async () => {
    const { stdout, stderr, output } = setUp();
    stderr.resume();
    for (let count = 0; count < FITTING + 7; count++) output.print(LINE);
    expect(stdout.writableLength).toBeLessThanOrEqual(1024 * 1024 + 1024);
    expect(stderr.text).toBe('');
    await release(stdout);
    expect(stdout.lines).toHaveLength(FITTING);
    expect(stderr.text).toBe('rxscgi: 7 lines were dropped, as nothing read stdout\n');
    output.print({ to: 'stdout', text: 'after' });
    expect(stdout.lines.at(-1)).toBe('after');
    expect(stderr.lines).toHaveLength(1);
  });

  it('should report dropped lines of stderr, too', async () => {
    const { stderr, output } = setUp();
    for (let count = 0; count < FITTING + 3; count++) output.print({ ...LINE, to: 'stderr' });
    await release(stderr);
    expect(stderr.lines.slice(FITTING)).toEqual(['rxscgi: 3 lines were dropped, as nothing read stderr']);
  });

  it('should report dropped lines as an object in JSON', async () => {
    const { stdout, stderr, output } = setUp();
    stderr.resume();
    for (let count = 0; count < FITTING + 2; count++) output.print({ ...LINE, json: true });
    await release(stdout);
    expect(JSON.parse(stderr.text)).toEqual({
      time: expect.any(String) as string,
      event: 'lines-dropped',
      stream: 'stdout',
      lines: 2,
    });
  });

  it('should call back when everything was taken', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick'] });
    const { stdout, stderr, output } = setUp();
    const done = jest.fn();
    output.print(LINE);
    output.flush(done);
    stderr.resume();
    jest.advanceTimersByTime(1999);
    expect(done).not.toHaveBeenCalled();
    stdout.resume();
    await setImmediate();
    expect(done).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(10_000);
    expect(done).toHaveBeenCalledTimes(1);
    jest.useRealTimers();
  });

  it('should call back after 2 s when a stream takes nothing, and report what was dropped', () => {
    jest.useFakeTimers({ doNotFake: ['nextTick'] });
    const { stderr, output } = setUp();
    const done = jest.fn();
    stderr.resume();
    for (let count = 0; count < FITTING + 1; count++) output.print(LINE);
    output.flush(done);
    expect(stderr.text).toBe('rxscgi: 1 lines were dropped, as nothing read stdout\n');
    jest.advanceTimersByTime(2000);
    expect(done).toHaveBeenCalledTimes(1);
    jest.useRealTimers();
  });

  it('should not call back before it returns, though nothing waits', async () => {
    const { output } = setUp();
    const done = jest.fn();
    output.flush(done);
    expect(done).not.toHaveBeenCalled();
    await setImmediate();
    expect(done).toHaveBeenCalledTimes(1);
  });

  it('should continue when a reader has gone away', () => {
    const { stdout, stderr, output } = setUp();
    stderr.resume();
    stdout.destroy(new Error('EPIPE'));
    output.print(LINE);
    output.print({ to: 'stderr', text: 'b' });
    expect(stderr.text).toBe('b\n');
  });

  describe('to a stream that does not tell what waits', () => {
    it('should drop lines all the same, and report them', async () => {
      const [stdout, stderr] = [new Silent(), new Silent()];
      const output = new LogOutput({ stdout, stderr });
      stderr.resume();
      for (let count = 0; count < FITTING + 7; count++) output.print(LINE);
      await release(stdout);
      expect(stdout.lines).toHaveLength(FITTING);
      expect(stderr.text).toBe('rxscgi: 7 lines were dropped, as nothing read stdout\n');
    });

    it('should wait at the end until everything was taken', async () => {
      const [stdout, stderr] = [new Silent(), new Silent()];
      const output = new LogOutput({ stdout, stderr });
      const done = jest.fn();
      output.print(LINE);
      output.flush(done);
      await setImmediate();
      expect(done).not.toHaveBeenCalled();
      stdout.resume();
      await setImmediate();
      expect(done).toHaveBeenCalledTimes(1);
    });
  });
});

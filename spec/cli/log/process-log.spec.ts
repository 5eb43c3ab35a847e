import { from, toArray } from 'rxjs';
import type { LogFormat } from '../../../lib/cli/log/access-log.js';
import type { LogLine } from '../../../lib/cli/log/log-output.js';
import type { PoolEvent } from '../../../lib/cli/workers/worker-event.js';
import { processLog } from '../../../lib/cli/log/process-log.js';

const EVENTS: readonly PoolEvent[] = [
  { type: 'worker-ready', pid: 7, addresses: ['127.0.0.1:4000'] },
  { type: 'listening', address: '127.0.0.1:4000' },
  { type: 'worker-died', pid: 7, reason: 'SIGKILL', restartInMs: 0 },
  { type: 'worker-died', pid: 7, reason: 'a\nb', restartInMs: 250 },
  { type: 'worker-died', pid: 0, reason: 'spawn EAGAIN', restartInMs: undefined },
  { type: 'reloading' },
  { type: 'worker-draining', pid: 7, connections: 2 },
  { type: 'reloaded' },
  { type: 'reload-failed', reason: 'no database' },
  { type: 'reload-ignored' },
  { type: 'manager-unreachable', reason: 'not installed' },
  { type: 'pool-draining', workers: 2 },
  { type: 'closed' },
];

function linesOf(format: LogFormat, events = EVENTS): readonly LogLine[] {
  let lines: LogLine[] = [];
  from(events)
    .pipe(processLog(format), toArray())
    .subscribe((all) => (lines = all));
  return lines;
}

describe('processLog', () => {
  it('should emit lines for people in the common format, all to stderr', () => {
    const lines = linesOf('common');
    expect(new Set(lines.map(({ to }) => to))).toEqual(new Set(['stderr']));
    expect(lines.map(({ text }) => text)).toEqual([
      'rxscgi: worker 7 listens',
      'rxscgi: listening on 127.0.0.1:4000',
      'rxscgi: worker 7 died: SIGKILL; restarting',
      'rxscgi: worker 7 died: a b; restarting in 250 ms',
      'rxscgi: a worker died: spawn EAGAIN',
      'rxscgi: replacing the workers one by one',
      'rxscgi: worker 7 is draining, connections open: 2',
      'rxscgi: all workers have been replaced',
      'rxscgi: the workers were not replaced and go on: no database',
      'rxscgi: SIGHUP was ignored: it replaces workers, and --workers is not set',
      'rxscgi: cannot tell the service manager: not installed',
      'rxscgi: draining 2 workers',
      'rxscgi: closed',
    ]);
  });

  it('should emit one object per line in JSON, with the time and the facts', () => {
    const lines = linesOf('json');
    const objects = lines.map(({ text }) => JSON.parse(text) as { time: string; event: string });
    expect(objects.map(({ event }) => event)).toEqual(EVENTS.map(({ type }) => type));
    for (const { time } of objects) expect(time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(objects[3]).toEqual({
      time: expect.any(String) as string,
      event: 'worker-died',
      pid: 7,
      reason: 'a\nb',
      restartInMs: 250,
    });
    for (const { text } of lines) expect(text).not.toContain('\n');
  });

  it('should emit nothing when it is off', () => {
    expect(linesOf('off')).toEqual([]);
  });
});

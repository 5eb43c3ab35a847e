/** Kills workers that are stuck in a loop when their primary has vanished: they never hear of it, and nobody else looks. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Writable } from 'node:stream';

/**
 * Reads `+ PID` and `- PID` until the primary is gone, however it ended; then kills the workers that are still there when their
 * time is over. A worker that ends before is dropped within a second, as its id may be used again.
 */
const SCRIPT = `
pids=
while read -r sign pid; do
  others=
  for each in $pids; do [ "$each" = "$pid" ] || others="$others $each"; done
  pids=$others
  [ "$sign" = - ] || pids="$pids $pid"
done
left=$1
while :; do
  alive=
  for each in $pids; do kill -0 "$each" && alive="$alive $each"; done
  pids=$alive
  [ -n "$pids" ] || exit 0
  [ "$left" -gt 0 ] || break
  sleep 1
  left=$((left - 1))
done
kill -9 $pids
`;

/** A small process that outlives this one. Where there is no shell, stuck workers stay. */
export class WorkerReaper {
  private readonly shell: ChildProcessByStdio<Writable, null, null> | undefined;

  /** @param deadlineMs - how long workers may take to end once this process is gone; Infinity: as long as they like. */
  constructor(deadlineMs: number) {
    if (deadlineMs === Infinity) return;
    const seconds = String(Math.ceil(deadlineMs / 1000));
    // Detached: signals from a terminal go to the whole group of processes, and it must outlive them.
    const shell = spawn('/bin/sh', ['-c', SCRIPT, 'rxscgi-reaper', seconds], {
      detached: true,
      env: { PATH: process.env['PATH'] },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const ignore = (): void => undefined;
    shell.on('error', ignore).unref();
    shell.stdin.on('error', ignore);
    this.shell = shell;
  }

  watch(pid: number): void {
    this.shell?.stdin.write(`+ ${pid}\n`);
  }

  forget(pid: number): void {
    this.shell?.stdin.write(`- ${pid}\n`);
  }

  /** Ends the watch, as the end of this process does: those that are still watched have their deadline. */
  close(): void {
    this.shell?.stdin.end();
  }
}

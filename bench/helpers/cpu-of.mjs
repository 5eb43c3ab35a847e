/** Reads the CPU time of a process that cannot be asked. */
import { readFileSync } from 'node:fs';

/** The unit of /proc/PID/stat: 100 ticks a second wherever Linux runs. */
const MICROS_PER_TICK = 10_000;

/** Microseconds of CPU that a process has taken so far; NaN where the system does not tell. */
export function cpuOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is a name in parentheses, which may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * MICROS_PER_TICK;
  } catch {
    return NaN;
  }
}

/** Reads the CPU time of processes that cannot be asked. */
import { readFileSync, readdirSync } from 'node:fs';

/** The unit of /proc/PID/stat: 100 ticks a second wherever Linux runs. */
const MICROS_PER_TICK = 10_000;

/** Microseconds of CPU that a process has taken so far; NaN where the system does not tell. */
export function cpuOf(pid) {
  return statOf(pid)?.micros ?? NaN;
}

/** The same, of a process and its children. */
export function cpuOfFamily(pid) {
  const children = readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(statOf)
    .filter((stat) => stat?.parent === pid);
  return children.reduce((sum, { micros }) => sum + micros, cpuOf(pid));
}

function statOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is a name in parentheses, which may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), micros: (Number(fields[11]) + Number(fields[12])) * MICROS_PER_TICK };
  } catch {
    return undefined;
  }
}

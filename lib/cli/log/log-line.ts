/** A line of output, and where it goes. */
export interface LogLine {
  readonly to: 'stdout' | 'stderr';
  readonly text: string;
  /** Whether the log is in JSON. */
  readonly json?: true;
}

/**
 * The frames of an error's stack, which V8 gives as one text:
 *
 *     TypeError: the message,          name and message, as they were when the error was made
 *     which may have lines of its own
 *         at handle (file:///app.mjs:3:9)
 *         at node:internal/process/task_queues:95:5
 *
 * A client can have a say in the message, so a line of it must not pass for a frame. The frames are found from the end of
 * the text backwards, down to the message.
 */
const MAX_LINES = 200;
const MAX_FRAMES = 50;
const MAX_FRAME_LENGTH = 500;

/**
 * Finds the frames of a stack.
 *
 * When the message was changed after the error was made, it cannot be found in the stack; then all lines at the end that
 * look like frames are taken for frames.
 *
 * @returns lines such as `at handle (file:///app.mjs:3:9)`, innermost first, at most 50 of at most 500 characters.
 */
export function framesOf(stack: unknown, message: string, name: unknown): string[] {
  if (typeof stack !== 'string') return [];
  const head = message === '' && typeof name === 'string' ? name : message;
  let end = headEnds(stack, head, stack.length) ? stack.length : stack.trimEnd().length;
  for (let lines = 0; lines < MAX_LINES && end > 0 && !headEnds(stack, head, end); lines++) {
    const lineEnd = stack.lastIndexOf('\n', end - 1);
    if (!isFrame(stack, lineEnd + 1)) break;
    end = Math.max(lineEnd, 0);
  }
  const frames = stack.slice(end).split('\n', MAX_FRAMES + 1);
  return [...(name === 'SyntaxError' ? syntaxFrame(stack) : []), ...frames]
    .map((frame) => frame.slice(0, MAX_FRAME_LENGTH).trim())
    .filter((frame) => frame !== '');
}

/** Whether the name and the message of the error end at `end`. */
function headEnds(stack: string, head: string, end: number): boolean {
  const start = end - head.length;
  if (head === '' || start < 0) return false;
  return (start === 0 || stack.startsWith(': ', start - 2)) && stack.startsWith(head, start);
}

function isFrame(stack: string, start: number): boolean {
  let first = start;
  while (stack[first] === ' ') first++;
  return first > start && stack.startsWith('at ', first);
}

/** Node.js puts the place of a syntax error before the stack: `/app/data.cjs:3`, the source line, the stack. */
function syntaxFrame(stack: string): string[] {
  const line = stack.slice(0, Math.max(0, stack.indexOf('\n'))).slice(0, MAX_FRAME_LENGTH);
  return /^(?:file:|\/|[A-Za-z]:[\\/]).*:[0-9]+$/.test(line) ? [`at ${line}`] : [];
}

/** Writes chunks to a socket or a request with backpressure. @returns false when it closed before the end. */
export async function writeAll(stream, chunks) {
  for await (const chunk of chunks) {
    if (stream.destroyed) return false;
    if (!stream.write(chunk)) await ready(stream);
  }
  return !stream.destroyed;
}

function ready(stream) {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}

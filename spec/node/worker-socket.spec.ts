import { PRIMARY_VARIABLE, isOurWorker, ownPids, sharedPathFor } from '../../lib/node/worker-socket.js';

describe('a process that no cluster has started', () => {
  it('should not be a worker, whatever it has inherited', () => {
    const env = { [PRIMARY_VARIABLE]: String(process.ppid) };
    expect(isOurWorker(env)).toBe(false);
    expect(ownPids(env)).toEqual([process.pid]);
  });
});

describe('sharedPathFor', () => {
  it('should lie beside the path, and differ by primary and address', () => {
    expect(sharedPathFor('/run/app/app.sock', 12, 0)).toBe('/run/app/.12.w0');
    expect(sharedPathFor('/run/app/app.sock', 12, 1)).toBe('/run/app/.12.w1');
  });
});

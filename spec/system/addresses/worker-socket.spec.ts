import {
  PRIMARY_VARIABLE,
  isOurWorker,
  newPrimaryName,
  ownPids,
  sharedPathFor,
} from '../../../lib/system/addresses/worker-socket.js';

describe('a process that no cluster has started', () => {
  it('should not be a worker, whatever it has inherited', () => {
    const env = { [PRIMARY_VARIABLE]: `${process.ppid}.1a2b3c4d` };
    expect(isOurWorker(env)).toBe(false);
    expect(ownPids(env)).toEqual([process.pid]);
  });
});

describe('sharedPathFor', () => {
  it('should lie beside the path, and differ by address', () => {
    expect(sharedPathFor('/run/app/app.sock', '12.1a2b3c4d', 0)).toBe('/run/app/.1a2b3c4d0/s');
    expect(sharedPathFor('/run/app/app.sock', '12.1a2b3c4d', 1)).toBe('/run/app/.1a2b3c4d1/s');
  });

  it('should differ by primary, even where two have the same id, as in two containers', () => {
    const paths = [newPrimaryName(), newPrimaryName()].map((name) => sharedPathFor('/run/app.sock', name, 0));
    expect(paths[0]).toMatch(/^\/run\/\.[0-9a-z]{6}0\/s$/);
    expect(paths[0]).not.toBe(paths[1]);
  });
});

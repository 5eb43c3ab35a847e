/** `forkJoin`, `combineLatest` and others subscribe to a source although an earlier one has ended them. */
import { Observable, Subscriber, type OperatorFunction } from 'rxjs';
import {
  decodeScgi,
  decodeScgiEvents,
  decodeScgiResponse,
  encodeScgi,
  encodeScgiEvents,
  encodeScgiRequest,
  handleScgi,
} from '../../lib/index.js';
import { expectNoProcessFaults } from '../helpers/faults/process-faults.js';

expectNoProcessFaults();

describe.each<[string, () => OperatorFunction<never, unknown>]>([
  ['decodeScgi', decodeScgi],
  ['decodeScgiEvents', decodeScgiEvents],
  ['decodeScgiResponse', decodeScgiResponse],
  ['encodeScgi', encodeScgi],
  ['encodeScgiEvents', encodeScgiEvents],
  ['encodeScgiRequest', encodeScgiRequest],
  ['handleScgi', () => handleScgi(() => ({}))],
])('%s', (_name, operator) => {
  it('should unsubscribe from its source at once for a subscriber that is closed already', () => {
    const calls: string[] = [];
    const source = new Observable<never>((subscriber) => {
      calls.push('subscribed');
      subscriber.add(() => calls.push('finalized'));
    });
    const closed = new Subscriber<unknown>();
    closed.unsubscribe();
    source.pipe(operator()).subscribe(closed);
    expect(calls).toEqual(['subscribed', 'finalized']);
  });
});

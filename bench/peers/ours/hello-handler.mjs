/** The module that `rxscgi serve` is started with. */
import { of } from 'rxjs';

export default () => of({ status: 200, headers: { 'Content-Type': 'text/plain' }, body: 'Hello, world\n' });

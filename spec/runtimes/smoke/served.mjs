/** The module that the command serves in the smoke suite. */
import { of } from 'rxjs';

export default ({ path }) => of({ body: `served ${path}` });

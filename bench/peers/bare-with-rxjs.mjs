/** bare.mjs in a process that has loaded RxJS: what of the time to the first answer is RxJS's own. */
import 'rxjs';
import './bare.mjs';

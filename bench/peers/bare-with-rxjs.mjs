/** bare.mjs in a process that has loaded RxJS: what of a time or of memory is RxJS's own. */
import 'rxjs';
import './bare.mjs';

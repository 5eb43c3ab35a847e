/** bare-bun.mjs in a process that has loaded RxJS: shows how much time and memory RxJS takes. */
import 'rxjs';
import './bare-bun.mjs';

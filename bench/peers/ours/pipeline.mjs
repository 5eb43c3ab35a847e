/** The library by its operators: the pipeline of the README, without `idleTimeout`. `node pipeline.mjs ADDRESS` */
import { load, rxjs } from '../../helpers/build.mjs';

const { EMPTY, catchError, mergeMap, of, timeout } = rxjs;
const { decodeScgi, encodeScgi, errorAnswer } = await load('index');
const { coarseScheduler, listen, usingSocket } = await load('node/index');

const [, , address] = process.argv;
const MAX_CONNECTIONS = 1000;

const hello = () => of({ status: 200, headers: { 'Content-Type': 'text/plain' }, body: 'Hello, world\n' });
const report = (error) => {
  console.error(error);
  return EMPTY;
};

listen(address, { onListening: (bound) => console.log(`listening ${bound}`) })
  .pipe(
    mergeMap(
      (socket) =>
        usingSocket(socket, (bytes, flow) =>
          bytes.pipe(
            decodeScgi({ flow }),
            timeout({ first: 10_000, scheduler: coarseScheduler }),
            mergeMap(hello),
            encodeScgi({ flow, answer: errorAnswer }),
          ),
        ).pipe(catchError(report)),
      MAX_CONNECTIONS,
    ),
  )
  .subscribe();

/** Handlers that answer on command. The numbers of running handlers and of all calls can be asked for. */
import { ReplaySubject, defer, finalize } from 'rxjs';
import { serve } from '../helpers/serve.mjs';

export function start(options) {
  const answers = new ReplaySubject(1);
  const counts = { running: 0, called: 0 };
  const handler = () =>
    defer(() => {
      counts.running++;
      counts.called++;
      return answers.pipe(finalize(() => counts.running--));
    });
  return serve(handler, options, { counts: () => counts, answer: () => answers.next({ body: 'answered' }) });
}

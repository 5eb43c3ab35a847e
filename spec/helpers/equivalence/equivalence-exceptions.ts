/** The scenarios in which `handleScgi` and its composition are known to differ. */
import {
  HI,
  answers,
  listensTo,
  never,
  readAside,
  returns,
  streams,
  type Row,
} from './equivalence-handlers.js';

/** Where the two cannot be the same, with the reason. */
export const DIFFERENT: Readonly<Record<string, Row[]>> = {
  // An error of the source is a lost connection to handleScgi: nobody is left to answer, and the response is given up at
  // once. encodeScgi cannot tell it from an error of decodeScgi: it answers, or goes on, until somebody unsubscribes it.
  'the source errors': [
    ['before the request', '--#', never],
    ['inside the body', '--h--a--#', never],
    ['inside a response', '--h--a--#', streams('--p--------q|')],
  ],
  // idleTimeout takes the place of bodyTimeoutMs: its error has a code of its own, and is an error of the source, which aborts at once.
  'the body is late, and somebody listens to the signal': [
    ['', '--h--a-------', listensTo(never), { options: { bodyTimeoutMs: 5 } }],
  ],
  // mergeMap completes when its source has, too: only then is it known that there is no response.
  'the handler completes without a response inside the body': [['', '--h--a--b--|', answers('--|')]],
  // mergeMap takes nothing but a source from its function: what is none fails there, by an error of RxJS. handleScgi also takes the
  // response itself.
  'the handler returns its response without a source': [
    ['an object', '--g---', returns(HI)],
    ['to a POST under way', '--h--a--b--|', returns(HI)],
    ['a fetch Response', '--g---', () => () => new Response(null, { status: 204 })],
  ],
  // decodeScgi keeps its source as long as somebody reads the body, also beyond the exchange. handleScgi ends the
  // connection with the response, and the reader with it.
  'the body is read aside': [
    ['and the exchange ends first', '--h--a--b--|', readAside(answers('----(r|)'))],
    ['and the handler fails', '--h--a--b--|', readAside(answers('----#'))],
    ['and the result is unsubscribed', '--h--a--b--|', readAside(never), { unsubscription: '------!' }],
  ],
};

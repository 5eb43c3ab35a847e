/** The scenarios in which `handleScgi` and its composition must do the same. */
import {
  EMPTY,
  NEVER,
  Subject,
  catchError,
  concat,
  defer,
  from,
  ignoreElements,
  merge,
  mergeMap,
  of,
  startWith,
  take,
  throwError,
  type Observable,
} from 'rxjs';
import type { ScgiResponse } from '../../../lib/operators/types.js';
import { byteByByte, cut } from '../wire/cuts.js';
import { CHUNKS } from './equivalence.js';
import { SIGNALS } from './equivalence-signals.js';
import { wire } from '../wire/wire.js';

import {
  HI,
  BOOM,
  LETTERS,
  answers,
  streams,
  makes,
  echo,
  echoPushed,
  echoByPullMap,
  collects,
  recovers,
  returns,
  never,
  throws,
  takesAndAnswers,
  readAside,
  type Row,
} from './equivalence-handlers.js';

export const EQUAL: Readonly<Record<string, Row[]>> = {
  'a request and its answer': [
    ['a GET', '--g---', answers('--(r|)')],
    ['a GET, answered at once', '--g---', answers('(r|)')],
    ['a GET, by a handler that does not complete', '--g---', answers('--r--')],
    ['a GET, and FIN before the answer', '--g|', answers('----(r|)')],
    ['HEAD', '--d---', answers('--(r|)')],
    ['HEAD, of a streaming body', '--d---', streams('--p--q|')],
    ['a POST whose body nobody takes', '--h--a--b--|', answers('--------------(r|)')],
    ['a POST, answered before its body has come', '--h--a--b--|', answers('----(r|)')],
    ['a POST in one chunk', '--w|', collects],
    ['a POST in two chunks', '--i--b|', collects],
    ['a head in pieces', '--k--l-a-b|', collects],
    ['surplus bytes', '--h--a--c--|', collects],
    ['a body that is collected', '--h--a--b--|', collects],
    ['an answer while the body is collected', '--h--a--b--|', takesAndAnswers('----r')],
    ['an answer after the body is collected', '--h--a--b--|', takesAndAnswers('-----------(r|)')],
    ['204', '--g', answers('(r|)', { status: 204 })],
    ['a local redirect', '--g', answers('(r|)', { headers: { Location: '/there' } })],
  ],
  'a streaming response': [
    ['an Observable', '--g---', streams('--p--q--(r|)')],
    ['an Observable that is empty', '--g---', streams('|')],
    ['an Observable that begins at once', '--g---', streams('(pq)--r|')],
    ['an echo that is pulled', '--h--a--b--|', echo],
    ['an echo that is pushed', '--h--a--b--|', echoPushed],
    ['an echo by pullMap', '--h--a--b--|', echoByPullMap],
    [
      'an echo with something before it',
      '--h--a--b--|',
      makes(({ body }) => of({ body: body.pipe(startWith('>')) })),
    ],
    ['the first chunk of an echo', '--h--a--b--|', makes(({ body }) => of({ body: body.pipe(take(1)) }))],
    [
      'an iterable, to a slow gateway',
      '--g---',
      answers('(r|)', { body: ['a', 'b', 'c'] }),
      { output: '---t-----f--' },
    ],
    ['an Observable, to a slow gateway', '--g---', streams('p--q--r|'), { output: '---t-----f--' }],
    ['an echo, to a slow gateway', '--h--a--b--|', echo, { output: 't-----------f' }],
    [
      'more than may be queued',
      '--g---',
      streams('p--q--r|'),
      { output: 't', options: { maxQueuedBytes: 2 } },
    ],
    ['a Content-Length', '--g---', streams('--p--(q|)', { 'Content-Length': '2' })],
    ['too little for its Content-Length', '--g---', streams('--p--|', { 'Content-Length': '2' })],
    ['too much for its Content-Length', '--g---', streams('--p--q--r|', { 'Content-Length': '2' })],
    ['a body that errors', '--g---', streams('--p--#')],
    ['a body that errors at once', '--g---', streams('#')],
    ['a body that errors, of a POST under way', '--h--a--b--|', streams('----#')],
    ['a chunk that is not one', '--g---', answers('(r|)', { body: ['a', 5] } as unknown as ScgiResponse)],
  ],
  'a handler that fails': [
    ['by throwing', '--g---', throws],
    ['by throwing, to a POST', '--h--a--b--|', throws],
    ['at once', '--g---', answers('#')],
    ['later', '--g---', answers('--#')],
    ['later, to a POST under way', '--h--a--b--|', answers('----#')],
    ['while it reads the body', '--h--a--b--|', takesAndAnswers('----#')],
    ['after its response is out', '--g---', answers('(r#)')],
    [
      'after its response has begun',
      '--g---',
      ({ make }) =>
        () =>
          make('handler', 'r--#', { r: { body: make('body', '--p--q|', LETTERS) } }, BOOM),
    ],
    ['with two responses', '--g---', answers('(rq)')],
    ['with a second response later', '--g---', answers('--r--q|')],
    [
      'with a second response while the first is under way',
      '--g---',
      ({ make }) =>
        () =>
          make('handler', 'r--q', { r: { body: make('body', '--p--s|', LETTERS) }, q: HI }),
    ],
    ['with no response', '--g---', answers('--|')],
    ['with an empty Observable', '--w---', () => () => EMPTY],
    ['by returning undefined', '--g---', returns(undefined)],
    ['by returning an object that is no response', '--g---', returns({ statusCode: 404 })],
    ['with undefined', '--g---', answers('r', undefined)],
    ['with text', '--g---', answers('r', 'text' as unknown as ScgiResponse)],
    ['with a status that is not one', '--g---', answers('--(r|)', { status: 99 })],
    [
      'with a status that is not one, to a POST under way',
      '--h--a--b--|',
      answers('----(r|)', { status: 99 }),
    ],
    ['with a hop-by-hop field', '--g---', answers('--(r|)', { headers: { Upgrade: 'h2c' } })],
    [
      'with an error that has a status',
      '--g---',
      () => () => throwError(() => Object.assign(new Error('no'), { status: 403 })),
    ],
  ],
  'a faulty request': [
    ['bytes that are not SCGI', '--x---', never],
    ['bytes that are not SCGI, in the second chunk', '--y--x---', never],
    ['HTTP on the port', '--t---', never],
    ['FIN before a request', '--|', never],
    ['FIN inside the head', '--k--|', never],
    ['FIN inside the body', '--h--a--|', never],
    ['FIN inside a body that is collected', '--h--a--|', collects],
    ['FIN inside a body, to which the handler answers', '--h--a--|', recovers({ status: 422 })],
    [
      'FIN inside a body, to which the handler answers with a stream',
      '--h--a--|',
      recovers({ body: from(['p', 'q']) }),
    ],
    ['FIN inside a body, to which the handler answers badly', '--h--a--|', recovers({ status: 99 })],
    [
      'FIN inside a body, to which the handler fails',
      '--h--a--|',
      makes(({ body }) =>
        body.pipe(
          catchError(() => throwError(() => BOOM)),
          ignoreElements(),
        ),
      ),
    ],
    ['FIN inside a body that is echoed', '--h--a--|', echo],
    ['FIN inside a body that is echoed by pushing', '--h--a--|', echoPushed],
    [
      'FIN inside a body whose echo goes on without it',
      '--h--a--|',
      makes(({ body }) => of({ body: body.pipe(catchError(() => of('instead'))) })),
    ],
    [
      'FIN inside a body, while a response goes on that does not need it',
      '--h--a--|',
      streams('--p-----------q|'),
    ],
    ['a head that is too large', '--h---', never, { options: { maxHeaderBytes: 24 } }],
    ['too many headers', '--h---', never, { options: { maxHeaders: 2 } }],
    ['a body that is too large', '--h---', never, { options: { maxBodyBytes: 5 } }],
    [
      'a body that is too large to be collected',
      '--h--a--b--|',
      collects,
      { options: { maxQueuedBytes: 5 } },
    ],
    [
      'a body that overflows',
      '--h--a--b--|',
      never,
      { options: { maxQueuedBytes: 2, bodyHighWaterMark: 1 } },
    ],
  ],
  'a timeout': [
    ['of the head', '--k-------', never, { options: { headersTimeoutMs: 5 } }],
    ['of the head, with nothing sent', '----------', never, { options: { headersTimeoutMs: 5 } }],
    ['of the body', '--h--a-------', collects, { options: { bodyTimeoutMs: 5 } }],
    ['of a body that nobody takes', '--h--a-------', never, { options: { bodyTimeoutMs: 5 } }],
    [
      'of the body, and not of a response that does without it',
      '--h--a-------',
      streams('--p--------------q|'),
      { options: { bodyTimeoutMs: 5 } },
    ],
    ['of the handler', '--g---', never, { options: { handlerTimeoutMs: 5 } }],
    ['of the handler, to a POST under way', '--h--a--b--|', never, { options: { handlerTimeoutMs: 5 } }],
    [
      'of the handler, which has answered',
      '--g---',
      streams('---------p|'),
      { options: { handlerTimeoutMs: 5 } },
    ],
  ],
  'a result that is unsubscribed': [
    ['before the request', '--g---', never, { unsubscription: '-!' }],
    ['inside the head', '--k--l', never, { unsubscription: '---!' }],
    ['inside the body', '--h--a--b--|', never, { unsubscription: '------!' }],
    ['inside a body that is collected', '--h--a--b--|', collects, { unsubscription: '------!' }],
    ['before the answer', '--g---', answers('----(r|)'), { unsubscription: '---!' }],
    ['inside a response', '--g---', streams('--p--q|'), { unsubscription: '------!' }],
    ['inside an echo', '--h--a--b--|', echo, { unsubscription: '------!' }],
    ['inside an echo that is pushed', '--h--a--b--|', echoPushed, { unsubscription: '------!' }],
    [
      'inside a response, inside a body that nobody takes',
      '--h--a--b--|',
      streams('--p--q|'),
      { unsubscription: '------!' },
    ],
    [
      'while the gateway takes nothing',
      '--g---',
      streams('--p--q|'),
      { output: 't', unsubscription: '------!' },
    ],
  ],
  'a body read aside': [
    ['to its end', '--h--a--b--|', readAside(answers('--------------(r|)'))],
    ['until it breaks off', '--h--a--|', readAside(never)],
  ],
  'the signal of a request': SIGNALS,
  'a synchronous source': [
    ['that completes', () => of(CHUNKS.w!), collects],
    ['that goes on forever', () => from(endless()), answers('(r|)')],
    ['byte by byte', () => from(cut(CHUNKS.w!, byteByByte(CHUNKS.w!.length))), collects],
    ['byte by byte, echoed', () => from(cut(CHUNKS.w!, byteByByte(CHUNKS.w!.length))), echo],
    ['with a fault', () => of(wire('24:x')), never],
    ['that is empty', () => EMPTY, never],
    ['that never says anything', () => NEVER, never, { unsubscription: '----!' }],
    [
      'that pushes from within the handler',
      reentrant,
      (world) => (request) => (again.next(wire('BBB')), collects(world)(request)),
    ],
    [
      'that completes within the handler',
      reentrant,
      (world) => (request) => (again.complete(), collects(world)(request)),
    ],
  ],
};

/** A source that the handler pushes to; made for each run. */
let again = new Subject<Uint8Array>();
function reentrant(): Observable<Uint8Array> {
  return defer(() => {
    again = new Subject();
    return concat(of(CHUNKS.i!)).pipe(mergeMap((chunk) => merge(again, of(chunk))));
  });
}

function* endless(): Iterable<Uint8Array> {
  yield CHUNKS.g!;
  for (;;) yield wire('x');
}

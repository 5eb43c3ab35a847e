/** A program that uses the package by all of its entries, as ESM, CJS and TypeScript: their imports differ, no more. */

const ESM_IMPORTS = `
import { connect } from 'node:net';
import { Subject, of } from 'rxjs';
import { isScgiError } from 'rxscgi';
import { serveScgi } from 'rxscgi/node';
import { requestBytes } from 'rxscgi/testing';
`;

const CJS_IMPORTS = `
const { connect } = require('node:net');
const { Subject, of } = require('rxjs');
const { isScgiError } = require('rxscgi');
const { serveScgi } = require('rxscgi/node');
const { requestBytes } = require('rxscgi/testing');
`;

/** Serves one request, and prints the answer and that the server has drained. */
const program = (stringType: string, subject: string) => `
const stop = ${subject};

function ask(address${stringType}) {
  const port = Number(address.slice(address.lastIndexOf(':') + 1));
  let response = '';
  connect(port, '127.0.0.1')
    .setEncoding('latin1')
    .on('data', (text) => (response += text))
    .on('end', () => {
      console.log(JSON.stringify(response));
      stop.next();
    })
    .write(requestBytes({ method: 'GET', uri: '/deepthought' }));
}

serveScgi((request) => of({ status: 200, body: 'hello ' + request.path }), { listen: '127.0.0.1:0', until: stop })
  .subscribe({
    next: (event) => {
      if (event.type === 'listening') ask(event.address);
    },
    error: (error) => console.log('failed', isScgiError(error), error),
    complete: () => console.log('drained'),
  });
`;

export const esmProgram = ESM_IMPORTS + program('', 'new Subject()');
export const cjsProgram = CJS_IMPORTS + program('', 'new Subject()');
export const typescriptProgram = `${ESM_IMPORTS}
import { NEED_DATA, RequestReader, type RequestEvent } from 'rxscgi/core';
export const event: RequestEvent | typeof NEED_DATA = new RequestReader({ maxHeaders: 100 }).nextEvent();
if (event !== NEED_DATA) throw new Error(event.type);
${program(': string', 'new Subject<void>()')}`;

/** Prints whether an error of one entry is of the class that another exports, and the first line of its stack. */
const identityProgram = `
const socket = new Socket();
fromSocket(socket).subscribe();
fromSocket(socket).subscribe({
  error: (error) => {
    console.log(error instanceof ScgiUsageError);
    console.log(error.stack.split('\\n').find((line) => line.startsWith('    at ')));
  },
});
`;

export const esmIdentityProgram = `
import { Socket } from 'node:net';
import { ScgiUsageError } from 'rxscgi';
import { fromSocket } from 'rxscgi/node';
${identityProgram}`;
export const cjsIdentityProgram = `
const { Socket } = require('node:net');
const { ScgiUsageError } = require('rxscgi');
const { fromSocket } = require('rxscgi/node');
${identityProgram}`;

/** Reads a request and writes the head of its response, by the protocol alone. */
const coreProgram = `
const reader = new RequestReader();
reader.receiveData(new TextEncoder().encode('24:CONTENT_LENGTH\\0' + '0\\0SCGI\\0' + '1\\0,'));
while (reader.state !== 'done') reader.nextEvent();
const head = new ResponseWriter().send({ type: 'response-headers' });
console.log(reader.state, new TextDecoder().decode(head).split('\\r')[0]);
`;

export const coreEsmProgram = `import { RequestReader, ResponseWriter } from 'rxscgi/core';${coreProgram}`;
export const coreCjsProgram = `const { RequestReader, ResponseWriter } = require('rxscgi/core');${coreProgram}`;

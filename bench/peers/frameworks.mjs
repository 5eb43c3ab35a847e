/**
 * "Hello, world" by an application of a framework, behind SCGI or HTTP.
 * `node frameworks.mjs ADDRESS scgi|http handler|listener|express|hono`
 */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { load, rxjs } from '../helpers/build.mjs';
import { listenOn } from './listen-on.mjs';

const require = createRequire(new URL('../../spec/frameworks/package.json', import.meta.url));
const [, , address, protocol, kind] = process.argv;
const TEXT = 'Hello, world\n';

function expressApplication() {
  const express = require('express');
  const app = express();
  app.get('/*rest', (_request, response) => response.type('text/plain').send(TEXT));
  return app;
}

function honoApplication() {
  const { Hono } = require('hono');
  return new Hono().get('*', (c) => c.text(TEXT));
}

function listener(_request, response) {
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': TEXT.length });
  response.end(TEXT);
}

/** What `serveScgi` serves. */
async function handler() {
  const { fromFetch } = await load('index');
  const { fromRequestListener } = await load('node/index');
  switch (kind) {
    case 'listener':
      return fromRequestListener(listener);
    case 'express':
      return fromRequestListener(expressApplication());
    case 'hono':
      return fromFetch(honoApplication());
    default:
      return () => rxjs.of({ status: 200, headers: { 'Content-Type': 'text/plain' }, body: TEXT });
  }
}

/** What `node:http` serves: Hono by its own adapter. */
function requestListener() {
  if (kind === 'hono') return require('@hono/node-server').getRequestListener(honoApplication().fetch);
  return kind === 'express' ? expressApplication() : listener;
}

if (protocol === 'http') {
  listenOn(createServer(requestListener()), address);
} else {
  const { serveScgi } = await load('node/index');
  serveScgi(await handler(), { listen: address }).subscribe((event) => {
    if (event.type === 'listening') console.log(`listening ${event.address}`);
  });
}

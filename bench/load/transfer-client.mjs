/** A client that sends or reads a large body, over SCGI without a gateway or over HTTP; and slow clients. */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { commands } from './measured.mjs';
import { PATH, typicalHead } from './requests.mjs';
import { CHUNK, chunksOf } from '../peers/chunks.mjs';
import { connectOptions } from '../shared/addresses.mjs';

const HEAD_END = Buffer.from('\r\n\r\n');

const HEADS = {
  scgi: (method, bytes) => typicalHead(bytes, method),
  http: (method, bytes) =>
    Buffer.from(
      `${method} ${PATH} HTTP/1.1\r\nHost: www.example.org\r\nContent-Length: ${bytes}\r\nConnection: close\r\n\r\n`,
    ),
};

/** Sends `bytes`; the answer must be their number. @returns seconds. */
commands.upload = async ({ address, protocol, bytes }) => {
  const started = performance.now();
  const socket = connect(connectOptions(address));
  const answer = textOf(socket);
  socket.write(HEADS[protocol]('POST', bytes));
  for (const chunk of chunksOf(bytes)) if (!socket.write(chunk)) await drained(socket);
  const text = await answer;
  if (!text.endsWith(`\r\n\r\n${bytes}`)) throw new Error(`of ${bytes} bytes: ${JSON.stringify(text)}`);
  return seconds(started);
};

/** Reads a body, which must have `bytes`. @returns seconds. */
commands.download = async ({ address, protocol, bytes }) => {
  const started = performance.now();
  const socket = connect(connectOptions(address));
  socket.write(HEADS[protocol]('GET', 0));
  let received = -1;
  for await (const chunk of socket) {
    if (received >= 0) {
      received += chunk.length;
      continue;
    }
    const end = chunk.indexOf(HEAD_END);
    if (end < 0) throw new Error('the head came in pieces');
    received = chunk.length - end - HEAD_END.length;
  }
  if (received !== bytes) throw new Error(`${received} bytes came, not ${bytes}`);
  return seconds(started);
};

/** Many clients that read at most 64 kB every `everyMs`, for some time. @returns the bytes that all have read. */
commands.takeSlowly = async ({ address, protocol, connections, everyMs, forSeconds }) => {
  let received = 0;
  const sockets = Array.from({ length: connections }, () => {
    const socket = connect(connectOptions(address));
    socket.write(HEADS[protocol]('GET', 0));
    socket.on('data', (chunk) => {
      received += chunk.length;
      socket.pause();
      setTimeout(() => socket.resume(), everyMs);
    });
    return socket;
  });
  await delay(forSeconds * 1000);
  for (const socket of sockets) socket.destroy();
  return received;
};

/** Many clients that send as fast as they can, for some time. @returns the bytes that the system has accepted from all. */
commands.sendMuch = async ({ address, protocol, connections, bytes, forSeconds }) => {
  const sockets = Array.from({ length: connections }, () => {
    const socket = connect(connectOptions(address));
    const write = () => {
      while (!socket.destroyed && socket.write(CHUNK));
    };
    socket.on('drain', write);
    // They are cut when the time is over.
    socket.on('error', () => socket.destroy());
    socket.write(HEADS[protocol]('POST', bytes));
    write();
    return socket;
  });
  await delay(forSeconds * 1000);
  const sent = sockets.reduce((sum, socket) => sum + socket.bytesWritten - socket.writableLength, 0);
  for (const socket of sockets) socket.destroy();
  return sent;
};

function drained(socket) {
  return new Promise((resolve, reject) => {
    const over = (settle, value) => {
      socket.off('drain', ready).off('close', lost);
      settle(value);
    };
    const ready = () => over(resolve);
    const lost = () => over(reject, new Error('closed before all was sent'));
    socket.on('drain', ready).on('close', lost);
  });
}

function textOf(socket) {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => (text += chunk));
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
}

function seconds(since) {
  return (performance.now() - since) / 1000;
}

console.log('ready');

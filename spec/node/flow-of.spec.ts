import { firstValueFrom } from 'rxjs';
import { createFlow, decodeScgi } from '../../lib/index.js';
import { flowOf, fromSocket } from '../../lib/node/index.js';
import { flowState } from '../../lib/operators/flow/flow.js';
import { REAL_TIME } from '../../lib/system/time/real-time.js';
import { requestBytes } from '../../lib/testing/index.js';
import { expectNoProcessFaults } from '../helpers/faults/process-faults.js';
import { TRANSPORTS, cleanUpSockets, socketPair } from '../helpers/sockets/sockets.js';

expectNoProcessFaults();
cleanUpSockets();

describe('flowOf', () => {
  it.each(TRANSPORTS)('should be the same for the same socket, over %s', async (transport) => {
    const { socket } = await socketPair(transport);
    const other = await socketPair(transport);
    expect(flowOf(socket)).toBe(flowOf(socket));
    expect(flowOf(socket)).not.toBe(flowOf(other.socket));
    expect(flowOf(socket)).not.toBe(createFlow());
  });

  it('should not be paused, in either direction', async () => {
    const { socket } = await socketPair();
    const { inputPaused, outputPaused } = flowOf(socket);
    expect([inputPaused.value, outputPaused.value]).toEqual([false, false]);
  });

  it('should measure time by the timer that all connections share', async () => {
    const { socket } = await socketPair();
    expect(flowState(flowOf(socket))?.keeper).toBe(REAL_TIME);
  });

  it('should neither read the socket nor let it run', async () => {
    const { socket } = await socketPair();
    flowOf(socket);
    expect(socket.isPaused()).toBe(true);
    expect(socket.listenerCount('data')).toBe(0);
  });

  it('should keep an error of the socket from ending the process', async () => {
    const { socket } = await socketPair();
    flowOf(socket);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.destroy(new Error('lost'));
    await closed;
    expect(socket.errored).toMatchObject({ message: 'lost' });
  });

  it('should let go of the request once the socket is closed, as the socket may be kept for longer', async () => {
    const { socket, gateway } = await socketPair();
    const flow = flowOf(socket);
    gateway.socket.write(requestBytes());
    await firstValueFrom(fromSocket(socket).pipe(decodeScgi({ flow })));
    expect(flowState(flow)?.request).toBeDefined();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.destroy();
    await closed;
    expect(flowState(flow)?.request).toBeUndefined();
  });
});

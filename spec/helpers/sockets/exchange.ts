/** Whole exchanges with a server in another process. */
import { requestBytes, responseOf, textOf, type TestRequest } from '../../../lib/testing/index.js';
import { TestGateway } from './sockets.js';

/** Status and text of the response. */
export async function exchange(address: string, request?: TestRequest): Promise<string> {
  const gateway = await TestGateway.connect(address);
  gateway.write(requestBytes(request));
  return answerTo(gateway);
}

/** Status and text of the response, once it is complete. @throws when the connection broke instead. */
export async function answerTo(gateway: TestGateway): Promise<string> {
  const { status, body } = responseOf(Buffer.from(await gateway.response(), 'latin1'));
  gateway.end();
  return `${status} ${textOf(body)}`;
}

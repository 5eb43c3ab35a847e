// Calls rTorrent: XML-RPC over SCGI, one call at a time, as rTorrent answers them.
import { Deserializer, serializeMethodCall } from '@foxglove/xmlrpc';
import { mergeMap } from 'rxjs';
import { scgiClient } from 'rxscgi/node';

const send = scgiClient(process.env.RTORRENT ?? '127.0.0.1:5000', {
  concurrency: 1,
  maxWaitingCalls: 100,
  headersTimeoutMs: 5000,
});

/** An Observable of the result; an error of rTorrent's own is an `XmlRpcFault`. */
export function rtorrent(method, ...params) {
  return send({
    method: 'POST',
    uri: '/RPC2',
    headers: { 'Content-Type': 'text/xml' },
    body: serializeMethodCall(method, params),
  }).pipe(
    mergeMap((response) => response.text()),
    mergeMap((xml) => new Deserializer().deserializeMethodResponse(xml)),
  );
}

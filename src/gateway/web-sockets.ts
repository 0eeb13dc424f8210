import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer } from 'ws';

/**
 * Speaks HTTP with the connections it is given until they are WebSockets for MQTT. It listens nowhere, and leaves it to
 * the caller to end what takes too long.
 * @param onStream a stream of MQTT, in object mode, and what it came over
 */
export function webSockets(
  packetBytes: number,
  onStream: (stream: Duplex, over: Duplex) => void,
): (connection: Duplex) => void {
  const http = createServer((_request, response) => {
    response.writeHead(426, { 'content-type': 'text/plain', upgrade: 'websocket' });
    response.end('MQTT over WebSocket is spoken here.\n');
  });
  const sockets = new WebSocketServer({
    server: http,
    maxPayload: packetBytes,
    perMessageDeflate: false,
    // MQTT 3.1.1 section 6: the subprotocol is `mqtt`; `mqttv3.1` is what older clients say.
    handleProtocols: (offered) =>
      offered.has('mqtt') ? 'mqtt' : offered.has('mqttv3.1') ? 'mqttv3.1' : false,
  });
  sockets.on('connection', (socket, request: IncomingMessage) => {
    // In object mode a text message arrives as a text, which is not MQTT.
    onStream(createWebSocketStream(socket, { readableObjectMode: true }), request.socket);
  });
  sockets.on('error', () => {});
  return (connection) => http.emit('connection', connection);
}

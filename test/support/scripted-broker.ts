import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import mqttPacket, { type Packet } from 'mqtt-packet';

export interface ScriptedBroker {
  /** Of 127.0.0.1. */
  port: number;
  /** Packets that came, of all connections. */
  received: Packet[];
  close(): Promise<void>;
}

/** What no broker at hand can be brought to say. @param answer gets each packet; sends what it likes */
export async function scriptedBroker(
  answer: (packet: Packet, send: (...packets: Packet[]) => void, socket: Socket) => void,
  protocolVersion: 4 | 5 = 5,
): Promise<ScriptedBroker> {
  const sockets = new Set<Socket>();
  const received: Packet[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    const parser = mqttPacket.parser({ protocolVersion });
    const send = (...packets: Packet[]) => {
      socket.write(Buffer.concat(packets.map((packet) => mqttPacket.generate(packet, { protocolVersion }))));
    };
    parser.on('packet', (packet) => {
      received.push(packet);
      answer(packet, send, socket);
    });
    parser.on('error', () => socket.destroy());
    socket.on('data', (chunk) => parser.parse(chunk));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    received,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

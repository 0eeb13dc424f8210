import { checkPacket, checkPacket5, readPublish, readPublish5 } from './packet.ts';
import {
  readSuback,
  readSuback5,
  readSubscribe,
  readSubscribe5,
  readUnsubscribe,
  readUnsubscribe5,
} from './subscribe.ts';

/** How a version of MQTT writes the packets that are looked into on their way. */
export interface Dialect {
  readPublish: typeof readPublish;
  checkPacket: typeof checkPacket;
  readSubscribe: typeof readSubscribe;
  readUnsubscribe: typeof readUnsubscribe;
  readSuback: typeof readSuback;
  /** What stands in a packet for having no properties. */
  noProperties: Buffer;
}

/** MQTT 3.1 and 3.1.1. */
export const dialect3: Dialect = {
  readPublish,
  checkPacket,
  readSubscribe,
  readUnsubscribe,
  readSuback,
  noProperties: Buffer.alloc(0),
};

/** MQTT 5. */
export const dialect5: Dialect = {
  readPublish: readPublish5,
  checkPacket: checkPacket5,
  readSubscribe: readSubscribe5,
  readUnsubscribe: readUnsubscribe5,
  readSuback: readSuback5,
  noProperties: Buffer.from([0]),
};

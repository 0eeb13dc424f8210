import { join } from 'node:path';
import { defaultLimits } from '../embedded/limits.ts';

/** The platform's own user name there; no organization's begins with `$`. */
export const PLATFORM_USER = '$platform';

/** PUBLISH's topic and its properties, beside the payload. */
const PACKET_OVERHEAD_BYTES = 65_540 + 1024;

export interface ConfigurationOptions {
  /** Mosquitto's own directory. */
  home: string;
  socket: string;
  /** Largest payload. */
  messageBytes: number;
  /** Beside the socket, for gateways of other processes. */
  listen?: { host: string; port: number } | undefined;
}

export const filesOf = (home: string) => ({
  configuration: join(home, 'mosquitto.conf'),
  accessList: join(home, 'acl'),
  pid: join(home, 'mosquitto.pid'),
});

/**
 * Mosquitto's configuration, the same for whatever tenants there are (mosquitto.conf(5)): only we reach its socket, so it
 * believes who a client is, and has nothing that would have to be read again.
 */
export function configuration({ home, socket, messageBytes, listen }: ConfigurationOptions): string {
  const { accessList, pid } = filesOf(home);
  const { inflight, sessionBytes } = defaultLimits;
  return `# Written at each start by NetNeural MQTT; what is changed here is lost.
listener 0 ${socket}
${listen ? `listener ${listen.port} ${listen.host}\nset_tcp_nodelay true\n` : ''}allow_anonymous true
acl_file ${accessList}
pid_file ${pid}

log_dest stderr
log_timestamp false
log_type error
log_type warning
log_type notice
log_type information
# The gateway knows who comes and goes.
connection_messages false

persistence true
persistence_location ${home}/
# What SIGKILL or a power cut may cost. It writes everything each time and answers nobody meanwhile: 0.14 s at 100,000
# retained messages.
autosave_interval 60
persistent_client_expiration 7d

# To one client; its session queues the rest. Retained messages that a subscription brings count as well, so there are
# more than the embedded engine has; the bytes are the same.
max_inflight_messages ${inflight}
max_queued_messages 10000
max_queued_bytes ${sessionBytes}
max_packet_size ${messageBytes + PACKET_OVERHEAD_BYTES}

sys_interval 2
`;
}

/** The second wall: what the gateway has let by in error still stays within its organization. */
export const accessList = `user ${PLATFORM_USER}
topic readwrite #
topic read $SYS/#

pattern readwrite %u/devices/#
`;

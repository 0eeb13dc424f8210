import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../service/log.ts';
import { type Account, chooseAccount } from '../../service/program/account.ts';
import { homeOf } from '../../service/program/home.ts';
import { socketDirectory } from '../../service/program/socket-path.ts';
import { StartupError } from '../../service/startup-error.ts';
import { findMosquitto } from './program.ts';

/** Where one Mosquitto lives and as whom. */
export interface Placement {
  program: string;
  /** Root's gives up its rights. */
  account: Account;
  /** Holds its configuration and what it keeps; `<directory>/mosquitto`, or where that leads. */
  home: string;
  /** The socket that it listens on, in a directory that only it and we may enter. */
  socket: string;
  /** Whoever listens there has all of this to itself. */
  lock: string;
  /** DATA_DIR. */
  directory: string;
}

const SOCKET = 'mqtt';
const LOCK = 'socket';

/** Makes its place in DATA_DIR. @throws StartupError when Mosquitto can't run here */
export async function placeMosquitto(given: string, log: Logger): Promise<Placement> {
  const program = await findMosquitto();
  await mkdir(given, { recursive: true });
  const directory = await realpath(given);
  const link = join(directory, 'mosquitto');
  const account = await chooseAccount(link, ['mosquitto', 'nobody']);
  if (account === 'nobody-there')
    throw new StartupError('ENGINE=mosquitto: there is no user "mosquitto" or "nobody" to run it as');
  const home = await homeOf('broker', link, account, log);
  const sockets = await socketDirectory(join(home, 'run'), SOCKET, account);
  const lock = await socketDirectory(join(directory, 'mosquitto-in-use'), LOCK, undefined);
  return { program, account, home, socket: join(sockets, SOCKET), lock: join(lock, LOCK), directory };
}

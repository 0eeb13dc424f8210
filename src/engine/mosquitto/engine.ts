import { chown, rm, writeFile } from 'node:fs/promises';
import type { Service } from '../../service/lifecycle.ts';
import type { Logger } from '../../service/log.ts';
import { lockDirectory } from '../../service/program/directory-lock.ts';
import type { Engine, EngineStatus } from '../engine.ts';
import { RemoteEngine } from '../remote/engine.ts';
import { accessList, configuration, filesOf, PLATFORM_USER } from './configuration.ts';
import { clearLeftover } from './leftover.ts';
import { type Placement, placeMosquitto } from './placement.ts';
import { type MosquittoProcess, startMosquitto } from './process.ts';
import { SupervisedMosquitto } from './supervised.ts';

export interface MosquittoEngineOptions {
  /** DATA_DIR; made if missing. One process at a time may use it. */
  directory: string;
  /** Largest payload. */
  messageBytes: number;
  /** Where gateways of other processes reach it: nobody else may. Absent: there are none. */
  listen?: { host: string; port: number } | undefined;
  log: Logger;
}

/**
 * A real Mosquitto of this machine's, supervised, with a configuration of ours, on a Unix socket that only we reach. What
 * it has acknowledged is in its memory, and on disk once a minute and when it is stopped.
 * @throws StartupError when it can't be had here
 */
export async function mosquittoEngine(options: MosquittoEngineOptions): Promise<MosquittoEngine> {
  return new MosquittoEngine(await placeMosquitto(options.directory, options.log), options);
}

export class MosquittoEngine extends RemoteEngine implements Engine, Service {
  readonly #placement: Placement;
  readonly #options: MosquittoEngineOptions;
  readonly #supervised: SupervisedMosquitto;
  #unlock: (() => Promise<void>) | undefined;

  constructor(placement: Placement, options: MosquittoEngineOptions) {
    const { log } = options;
    super({ name: 'mosquitto', nodes: [{ path: placement.socket }], username: PLATFORM_USER, log });
    this.#placement = placement;
    this.#options = options;
    this.#supervised = new SupervisedMosquitto(() => this.#run(), log);
  }

  /** Of the Mosquitto that runs now. */
  get pid(): number | undefined {
    return this.#supervised.pid;
  }

  /** @throws StartupError when somebody else uses the directory, or Mosquitto does not start */
  override async start(): Promise<void> {
    const { lock, directory } = this.#placement;
    this.#unlock = await lockDirectory(lock, directory);
    try {
      await this.#supervised.start();
      await super.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  override async stop(): Promise<void> {
    await super.stop();
    await this.#supervised.stop();
    await this.#unlock?.();
    this.#unlock = undefined;
  }

  override status(): EngineStatus {
    const status = super.status();
    const { failure } = this.#supervised;
    return {
      ...status,
      ...(failure &&
        !status.healthy && { detail: `Mosquitto is not there: ${failure}. It is started again.` }),
    };
  }

  async #run(): Promise<MosquittoProcess> {
    const { program, account, home, socket } = this.#placement;
    const { messageBytes, listen, log } = this.#options;
    const files = filesOf(home);
    await clearLeftover(home, log);
    await rm(socket, { force: true });
    await this.#write(files.accessList, accessList);
    await this.#write(files.configuration, configuration({ home, socket, messageBytes, listen }));
    return startMosquitto({ program, configuration: files.configuration, account, log });
  }

  async #write(path: string, text: string): Promise<void> {
    const { account } = this.#placement;
    await writeFile(path, text, { mode: 0o600 });
    if (account) await chown(path, account.uid, account.gid);
  }
}

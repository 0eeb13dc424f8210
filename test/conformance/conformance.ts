import type { IClientOptions } from 'mqtt';
import type { Engine } from '../../src/engine/engine.ts';
import type { Can } from './capabilities.ts';
import type { TestClient } from './client.ts';

export interface EngineUnderTest {
  engine: Engine;
  can: Can;
  /** Has it write to disk what it has acknowledged; for one that does so before it acknowledges, nothing is to be done. */
  save(): Promise<void>;
  /** Another engine on the same state, after a clean stop of the one before or as if its process had been killed. */
  restart(how: 'stopped' | 'killed'): Promise<Engine>;
  close(): Promise<void>;
}

/** What each part of the suite works with. Every test has an organization of its own. */
export interface Conformance {
  can: () => Can;
  /** The engine in use now. */
  engine(): Engine;
  /** Killed when it has saved what it keeps; else see `kill`. */
  restart: EngineUnderTest['restart'];
  /** Killed as it is. */
  kill(): Promise<Engine>;
  /** A topic or filter below the organization's `devices/`. */
  topic(rest: string): string;
  /** A client that there was not before, unless it is named. */
  identity(name?: string): { clientId: string; username: string };
  connect(options?: IClientOptions): Promise<TestClient>;
}

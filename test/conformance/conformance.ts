import type { IClientOptions } from 'mqtt';
import type { Engine } from '../../src/engine/engine.ts';
import type { TestClient } from './client.ts';

export interface EngineUnderTest {
  engine: Engine;
  /** Another engine on the same state, after a clean stop of the one before or as if its process had been killed. */
  restart(how: 'stopped' | 'killed'): Promise<Engine>;
  close(): Promise<void>;
}

/** What each part of the suite works with. Every test has an organization of its own. */
export interface Conformance {
  /** The engine in use now. */
  engine(): Engine;
  restart: EngineUnderTest['restart'];
  /** A topic or filter below the organization's `devices/`. */
  topic(rest: string): string;
  /** A client that there was not before, unless it is named. */
  identity(name?: string): { clientId: string; username: string };
  connect(options?: IClientOptions): Promise<TestClient>;
}

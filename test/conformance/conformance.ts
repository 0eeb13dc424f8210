import type { IClientOptions } from 'mqtt';
import type { Engine } from '../../src/engine/engine.ts';
import type { Can } from './capabilities.ts';
import type { TestClient } from './client.ts';

/** `killed` is SIGKILL; of a cluster one node is. */
export type RestartedHow = 'stopped' | 'killed';

export interface EngineUnderTest {
  engine: Engine;
  can: Can;
  /** Has it write to disk what it has acknowledged; absent of one that does so before it acknowledges. */
  save?(): Promise<void>;
  /** An engine on the same state, after a clean stop of the one before or as if its process had been killed. */
  restart(how: RestartedHow): Promise<Engine>;
  close(): Promise<void>;
}

/** An organization and its clients. */
export interface ConformanceTenant {
  /** A topic or filter below the organization's `devices/`. */
  topic(rest: string): string;
  /** A client that there was not before, unless it is named. */
  identity(name?: string): { clientId: string; username: string; patient: boolean };
  connect(options?: IClientOptions): Promise<TestClient>;
}

/** What each part of the suite works with. Every test has an organization of its own, which is the tenant. */
export interface Conformance extends ConformanceTenant {
  can: () => Can;
  /** The highest QoS that the engine has. */
  most: () => 1 | 2;
  /** The engine in use now. */
  engine(): Engine;
  /** Killed when it has saved what it keeps; else see `kill`. */
  restart: EngineUnderTest['restart'];
  /** Killed as it is; absent where that is no different. */
  kill(): (() => Promise<Engine>) | undefined;
  /** Another organization. */
  another(): ConformanceTenant;
}

import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mosquittoEngine } from '../../src/engine/mosquitto/engine.ts';
import { silentLog } from '../../src/service/log.ts';
import { eventually } from '../support/eventually.ts';
import { engines } from './capabilities.ts';
import { anyMessage, engineConformance } from './engine.ts';

engineConformance('Mosquitto', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'netneural-conformance-'));
  // Its own user has to get there.
  await chmod(directory, 0o755);
  let saves = 0;
  const log = {
    ...silentLog,
    debug({ mosquitto }: Record<string, unknown>) {
      if (String(mosquitto).startsWith('Saving in-memory database')) saves += 1;
    },
  };
  const start = async () => {
    const engine = await mosquittoEngine({ directory, messageBytes: 262_144, log });
    await engine.start();
    return engine;
  };
  const subject = {
    engine: await start(),
    can: engines.mosquitto,
    async save() {
      const before = saves;
      process.kill(subject.engine.pid!, 'SIGUSR1');
      await eventually(() => {
        if (saves === before) throw new Error('Mosquitto does not save');
      });
      // It does nothing else meanwhile, so it has saved when it answers.
      await subject.engine.publish(anyMessage);
    },
    async restart(how: 'stopped' | 'killed') {
      if (how === 'killed') process.kill(subject.engine.pid!, 'SIGKILL');
      await subject.engine.stop();
      subject.engine = await start();
      return subject.engine;
    },
    async close() {
      await subject.engine.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return subject;
});

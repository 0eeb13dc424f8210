import { embeddedEngine } from '../../src/engine/embedded/engine.ts';
import { silentLog } from '../../src/service/log.ts';
import { testDatabase } from '../support/database.ts';
import { engines } from './capabilities.ts';
import { engineConformance } from './engine.ts';

engineConformance('embedded engine', async () => {
  const database = await testDatabase();
  const started: ReturnType<typeof embeddedEngine>[] = [];
  const start = async () => {
    const engine = embeddedEngine({ pool: database.pool, log: silentLog });
    started.push(engine);
    await engine.start();
    return engine;
  };
  const subject = {
    engine: await start(),
    can: engines.embedded,
    async restart(how: 'stopped' | 'killed') {
      // One that was killed does nothing more, so it is simply left alone.
      if (how === 'stopped') await subject.engine.stop();
      subject.engine = await start();
      return subject.engine;
    },
    async close() {
      for (const engine of started) await engine.stop();
      await database.close();
    },
  };
  return subject;
});

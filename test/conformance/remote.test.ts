import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessList } from '../../src/engine/mosquitto/configuration.ts';
import { remoteEngine } from '../../src/engine/remote/engine.ts';
import { silentLog } from '../../src/service/log.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { engines } from './capabilities.ts';
import { anyMessage, engineConformance } from './engine.ts';

/** Over TCP to a broker that somebody else runs, here a Mosquitto with the settings of docs/engines.md. */
engineConformance('an engine by its URL', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'netneural-engine-'));
  await chmod(directory, 0o755);
  const accessFile = join(directory, 'acl');
  await writeFile(accessFile, accessList, { mode: 0o644 });
  const settings = ['max_inflight_messages 100', 'max_queued_messages 10000', 'set_tcp_nodelay true'];
  const broker = await startMosquitto({
    settings: [`acl_file ${accessFile}`, ...settings],
    persistent: true,
  });
  const start = async () => {
    const url = `mqtt://%24platform@127.0.0.1:${broker.port}`;
    const engine = remoteEngine({ url, log: silentLog });
    await engine.start();
    return engine;
  };
  const subject = {
    engine: await start(),
    can: engines.mosquitto,
    async save() {
      await broker.save();
      await subject.engine.publish(anyMessage);
    },
    async restart(how: 'stopped' | 'killed') {
      if (how === 'killed') await broker.kill();
      await subject.engine.stop();
      await broker.restart();
      subject.engine = await start();
      return subject.engine;
    },
    async close() {
      await subject.engine.stop();
      await broker.stop();
      await rm(directory, { recursive: true });
    },
  };
  return subject;
});

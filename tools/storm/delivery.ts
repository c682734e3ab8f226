import { createEngine } from './engine.ts';

/** What a worker delivers with, in a process that may be killed. It ends with its parent. */
const [databaseUrl = '', keyHex = ''] = process.argv.slice(2);
process.on('disconnect', () => process.exit(0));
const engine = createEngine({ databaseUrl, keyHex });
const dispatcher = engine.newDispatcher();
dispatcher.start();
process.on('message', async () => {
  await dispatcher.stop();
  await engine.close();
  process.disconnect();
});

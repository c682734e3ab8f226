import { startSandbox } from './testing.ts';

/* A test run that is killed: says which processes and directory are its instance's, and waits. */
await startSandbox();
process.stdout.write('started\n');
setInterval(() => undefined, 1_000);

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { EVENTS } from '@openoms/contract/events.ts';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import { headersOf, signatureOf, signingKeyOf } from '../../../server/src/webhooks/signature.ts';
import { bareEnvironment } from '../../../tools/crash/processes.ts';
import { UsageError } from '../command.ts';
import { BAD_RECEIVERS } from './bad-receivers.testing.ts';
import { CASES } from './cases.ts';
import { checkWebhook } from './check-webhook.ts';
import { Kit } from './kit.ts';
import { type Flaw, SECRET, startReceiver, type TestReceiver } from './receiver.testing.ts';
import type { Report } from './report.ts';
import { toCatalogue } from './text.ts';

const pathOf = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

const toClose: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0)) await close();
});

async function receiver(flaw?: Flaw): Promise<TestReceiver> {
  const started = await startReceiver(flaw);
  toClose.push(started.close);
  return started;
}

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(
  args: readonly string[],
  io: { isTerminal?: boolean; env?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Run> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await checkWebhook.run(args, {
    env: io.env ?? { OMS_WEBHOOK_SECRET: SECRET },
    isTerminal: io.isTerminal ?? false,
    cwd: '/',
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
    signal: io.signal ?? new AbortController().signal,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

async function examine(url: string, ...args: string[]): Promise<{ code: number; report: Report }> {
  const { code, out } = await run([url, '--json', ...args]);
  return { code, report: JSON.parse(out) };
}

const idsOf = ({ cases }: Report, ...outcomes: string[]): string[] =>
  cases.filter(({ outcome }) => outcomes.includes(outcome)).map(({ id }) => id);

/** Runs a script of the repository; `line` is the first that it prints. */
async function start(script: string, args: readonly string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [pathOf(script), ...args], {
    env: { ...bareEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  toClose.push(async () => {
    if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
  });
  return child;
}

describe('a good receiver', () => {
  it.each(['express', 'fastify'])('passes every case: docs/webhook-receivers/%s.ts', async (name) => {
    const child = await start(`docs/webhook-receivers/${name}.ts`, [], {
      OMS_WEBHOOK_SECRET: SECRET,
      PORT: '0',
      INBOX: ':memory:',
      SHOW_EFFECTS: '1',
    });
    const [line] = await once(createInterface(child.stdout), 'line');
    const url = String(line).replace('listening on ', '');
    const { code, report } = await examine(url, '--effects-url', url.replace('/webhooks', '/effects'));
    expect(report.faults).toEqual([]);
    expect(report.counts).toEqual({ passed: CASES.length, failed: 0, warning: 0, skipped: 0 });
    expect(code).toBe(0);
  });

  it('passes every case with the verifier of Standard Webhooks', async () => {
    const { url, effectsUrl } = await receiver(() => ({
      verify: ({ body, headers }) => {
        try {
          new Webhook(SECRET).verify(body, headers as Record<string, string>);
          return true;
        } catch {
          return false;
        }
      },
    }));
    const { report } = await examine(url, '--effects-url', effectsUrl);
    expect(report.faults).toEqual([]);
    expect(report.counts.passed).toBe(CASES.length);
  });

  it('is not asked for effects that it does not show', async () => {
    const { url } = await receiver();
    const { code, report } = await examine(url);
    expect(code).toBe(0);
    expect((await run([url])).out).toContain('  skip  7 cases: needs --effects-url');
    expect(idsOf(report, 'skipped')).toEqual(
      CASES.map(({ id }) => id).filter((id) => id.startsWith('effects.')),
    );
    expect(report.notVisible.join()).toContain('second effect');
  });
});

describe('a bad receiver', () => {
  it.each(BAD_RECEIVERS)('is named: $name', async ({ flaw, fault, cases, endsExam, args = [] }) => {
    const { url, effectsUrl } = await receiver(flaw);
    const { code, report } = await examine(url, '--effects-url', effectsUrl, ...args);
    expect(report.faults.map(({ id }) => id)).toEqual([fault]);
    expect(idsOf(report, 'failed', 'warning').toSorted()).toEqual(cases.toSorted());
    expect(idsOf(report, 'skipped').length > 0).toBe(endsExam === true);
    expect(code).toBe(report.counts.failed > 0 ? 1 : 0);
  });

  it('exists for every case: each has teeth', () => {
    const bitten = new Set(BAD_RECEIVERS.flatMap(({ cases }) => cases));
    expect(CASES.map(({ id }) => id).filter((id) => !bitten.has(id))).toEqual([]);
  });

  it('gets to know what was sent, what came back and how to mend it', async () => {
    const { url } = await receiver(() => ({ refuse: () => 500 }));
    const { code, out } = await run([url, '--only', 'signature.wrong-secret,basics.genuine']);
    expect(code).toBe(1);
    expect(out).toMatch(/ {2}pass {2}basics\.genuine /);
    expect(out).toMatch(/ {2}FAIL {2}signature\.wrong-secret /);
    expect(out).toMatch(/sent +a genuine event, signed with a secret that is not yours/);
    expect(out).toMatch(/came back +500 after \d+ ms/);
    expect(out).toMatch(/mend +Compute the HMAC with your secret/);
    expect(out).toContain('1. The receiver breaks on what it should refuse');
    expect(out).toContain('FAILED  1 passed, 1 failed, 0 warnings, 0 not examined');
  });

  it('that answers without end does not hold the exam up', async () => {
    const { url } = await receiver(() => ({
      intercept: (_, response) => {
        const pour = (): void => {
          while (response.writable && response.write('more and more and more '.repeat(100)));
        };
        response.on('drain', pour);
        pour();
        return true;
      },
    }));
    const { report } = await examine(url, '--only', 'basics.genuine,protocol.small-answer');
    expect(idsOf(report, 'passed')).toEqual(['basics.genuine']);
    expect(idsOf(report, 'warning')).toEqual(['protocol.small-answer']);
  });
});

describe('the exam', () => {
  it('makes the request that the server makes, during a rotation too', async () => {
    const signedAt = new Date('2025-01-15T10:30:00Z');
    const timestamp = signedAt.getTime() / 1_000;
    const kit = new Kit(
      {
        url: new URL('http://127.0.0.1:1'),
        secret: SECRET,
        effectsUrl: undefined,
        timeoutMs: 1,
        seed: 1,
        wire: () => Promise.reject(new Error('nothing is sent')),
        now: () => signedAt,
        signal: new AbortController().signal,
      },
      'test',
    );
    const event = kit.event('transaction.cryptoToFiat.completed');
    for (const secrets of [[SECRET], [kit.otherSecret(), SECRET]]) {
      const { headers, body } = await kit.sign(event, { secret: secrets, attempt: 2 });
      const keys = secrets.map(signingKeyOf);
      const signature = signatureOf(keys, event.id, timestamp, JSON.stringify(event));
      expect(headers).toEqual(headersOf(event.id, 2, timestamp, signature));
      expect(JSON.parse(body.toString())).toEqual(event);
    }
  });

  it('sends every event of the catalogue that an endpoint can get unasked', async () => {
    const names = new Set<string>();
    const { url } = await receiver((good) => ({
      accept: (event, received) => {
        names.add(event.event);
        return good.accept(event, received);
      },
    }));
    await examine(url, '--only', 'basics');
    const wanted = Object.entries(EVENTS).filter(([, { audience }]) => audience === 'all');
    expect([...names].toSorted()).toEqual(wanted.map(([name]) => name).toSorted());
  });

  it('sends the same ids for the same seed, and others for another', async () => {
    const deliveriesFor = async (seed: string): Promise<string[]> => {
      const { url, effectsUrl } = await receiver();
      await examine(url, '--seed', seed, '--only', 'basics,signature,duplicates');
      const effects = (await (await fetch(effectsUrl)).json()) as { deliveries: Record<string, number> };
      return Object.keys(effects.deliveries).toSorted();
    };
    const first = await deliveriesFor('7');
    expect(await deliveriesFor('7')).toEqual(first);
    const others = await deliveriesFor('8');
    expect(others).toHaveLength(first.length);
    expect(others.some((id) => first.includes(id))).toBe(false);
  });

  it('says when nobody is there instead of failing every case', async () => {
    const { url, close } = await startReceiver();
    await close();
    const { code, out, err } = await run([url]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^Nobody answers at http:\/\/127\.0\.0\.1:\d+\/webhooks: .*ECONNREFUSED/);
  });

  it('says when the effects cannot be read', async () => {
    const { url, effectsUrl } = await receiver(() => ({
      effects: () => ({ deliveries: { whd_1: 'once' } }),
    }));
    for (const wrong of [effectsUrl, url]) {
      const { code, err } = await run([url, '--effects-url', wrong]);
      expect(code).toBe(2);
      expect(err).toMatch(/does not answer an object|answers 405 instead of 200/);
    }
  });

  it('does not judge order by effects that show no resources', async () => {
    const { url, effectsUrl } = await receiver((_, { inbox }) => ({
      effects: () => ({ deliveries: inbox.effects().deliveries }),
    }));
    const { code, report } = await examine(url, '--effects-url', effectsUrl, '--only', 'effects');
    expect(code).toBe(0);
    expect(report.cases.find(({ outcome }) => outcome === 'skipped')).toMatchObject({
      id: 'effects.order',
      reason: 'the receiver shows no `resources`',
    });
  });

  it('tells the secret to nobody', async () => {
    const { url } = await receiver(() => ({ refuse: () => 200 }));
    const { report } = await examine(url);
    expect(report.counts.failed).toBeGreaterThan(0);
    expect(JSON.stringify(report)).not.toContain(SECRET);
    expect((await run([url])).out).not.toContain(SECRET);
  });

  it('colours a terminal only, and not against NO_COLOR', async () => {
    const { url } = await receiver();
    const args = [url, '--only', 'basics.genuine'];
    const env = { OMS_WEBHOOK_SECRET: SECRET };
    expect((await run(args)).out).not.toContain('\u001b');
    expect((await run(args, { isTerminal: true })).out).toContain('\u001b[32mpass\u001b[0m');
    expect((await run(args, { isTerminal: true, env: { ...env, NO_COLOR: '1' } })).out).not.toContain(
      '\u001b',
    );
  });

  it.each([
    [[]],
    [['http://127.0.0.1:1', 'http://127.0.0.1:2']],
    [['ftp://127.0.0.1:1']],
    [['http://127.0.0.1:1', '--secret', 'sk_live_1']],
    [['http://127.0.0.1:1', '--secret', 'whsec_no base64!']],
    [['http://127.0.0.1:1', '--only', 'basics.nothing']],
    [['http://127.0.0.1:1', '--timeout-ms', '0']],
    [['http://127.0.0.1:1', '--seed', 'x']],
    [['http://127.0.0.1:1', '--effects-url', 'effects']],
    [['http://127.0.0.1:1', '--unheard-of']],
  ])('refuses the arguments %j', async (args) => {
    await expect(run(args)).rejects.toThrow(UsageError);
  });

  it('refuses to begin without a secret', async () => {
    await expect(run(['http://127.0.0.1:1'], { env: {} })).rejects.toThrow(/^No secret: give --secret/);
  });
});

describe('openoms check-webhook', () => {
  const CLI = 'cli/src/main.ts';

  it('works without a terminal and ends with the code of the result', async () => {
    const { url } = await receiver();
    const bad = await receiver(() => ({ refuse: () => 200 }));
    const only = ['--only', 'basics.genuine,signature.missing'];
    for (const [target, code] of [
      [url, 0],
      [bad.url, 1],
      ['http://127.0.0.1:1/', 2],
    ] as const) {
      const child = await start(CLI, ['check-webhook', target, ...only], { OMS_WEBHOOK_SECRET: SECRET });
      const [out] = await Promise.all([text(child.stdout), once(child, 'exit')]);
      expect(child.exitCode).toBe(code);
      expect(out).not.toContain('\u001b');
    }
  });

  it('ends at once on Ctrl-C, and says that it did not finish', async () => {
    const asked = Promise.withResolvers<void>();
    const { url } = await receiver(() => ({
      intercept: () => {
        asked.resolve();
        return true;
      },
    }));
    const child = await start(CLI, ['check-webhook', url, '--secret', SECRET], {});
    await asked.promise;
    child.kill('SIGINT');
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    expect({ code: child.exitCode, out, err }).toEqual({
      code: 2,
      out: '',
      err: 'Interrupted: the exam was not finished.\n',
    });
  });
});

describe('the pages', () => {
  const pageOf = (path: string): string => readFileSync(pathOf(path), 'utf8');

  it('list the cases as `--list` prints them', async () => {
    const [, listed] = pageOf('docs/check-webhook.md').split('## The cases\n\n');
    expect(listed?.trim()).toBe(toCatalogue(CASES));
    expect((await run(['--list'])).out).toBe(toCatalogue(CASES));
  });

  it('hold the verifier as it is', () => {
    const verifier = pageOf('docs/webhook-receivers/verify.ts');
    expect(pageOf('docs/webhook-receivers/README.md')).toContain(`\`\`\`ts\n${verifier}\`\`\`\n`);
  });
});

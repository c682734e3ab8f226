import {
  isTroubleKind,
  type SandboxTrouble,
  SandboxTroubleRequest,
} from '@openoms/contract/sandbox-trouble.ts';
import { TROUBLE_KINDS } from '@openoms/contract/trouble-kinds.ts';
import type { OpenOMS } from '@openoms/sdk';
import { readArguments } from './arguments.ts';
import { type Command, type CommandIo, EXIT_OK, UsageError } from './command.ts';
import { CONNECTION_OPTIONS, CONNECTION_USAGE, connect, findConnection, withApi } from './connection.ts';
import { tellRefusal } from './sandbox-refusals.ts';

const USAGE = `Usage: openoms sandbox trouble [kind [name=value …] | --end id | --end-all | --kinds]

Lists the trouble of a sandbox project, makes some or ends it.

  webhook.duplicate share=0.25   every fourth delivery or so comes twice
  api.status status=502 when=after times=3 operationId=createTransaction
                                 three payments are made, and the answer is lost
  chain.rpcDown durationSeconds=60

  --kinds             lists all kinds, with their parameters
  --end id            ends one
  --end-all           ends all
  --json              print what the API answers
${CONNECTION_USAGE}`;

const OPTIONS = {
  ...CONNECTION_OPTIONS,
  kinds: { type: 'boolean' },
  end: { type: 'string' },
  'end-all': { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

const INTEGER = /^-?[0-9]{1,15}$/;

type Values = ReturnType<typeof readArguments<typeof OPTIONS>>['values'];

export const sandboxTrouble: Command = {
  name: 'sandbox trouble',
  summary: 'make things go wrong in a sandbox project, or right again',
  run: async (args, io) => {
    const { values, positionals } = readArguments(args, OPTIONS, USAGE);
    if (values.help) {
      io.out(USAGE);
      return EXIT_OK;
    }
    const given = [values.kinds, values.end, values['end-all'], positionals[0]];
    if (given.filter((each) => each !== undefined).length > 1)
      throw new UsageError(`One thing at a time.\n\n${USAGE}`);
    if (values.kinds) {
      for (const line of kindLines()) io.out(line);
      return EXIT_OK;
    }
    const rule = positionals.length > 0 ? ruleOf(positionals) : undefined;
    const connection = await findConnection(values, io);
    const client = connect(connection);
    return withApi(connection, () =>
      tellRefusal(io, 'There is no such thing in this project, or it is no sandbox.', () =>
        run(client, values, rule, io),
      ),
    );
  },
};

async function run(
  client: OpenOMS,
  values: Values,
  rule: SandboxTroubleRequest | undefined,
  io: CommandIo,
): Promise<number> {
  const { trouble } = client.sandbox;
  const print = (made: SandboxTrouble): void => io.out(values.json ? JSON.stringify(made) : lineOf(made));
  if (values.end !== undefined) await trouble.delete(values.end);
  else if (values['end-all']) await trouble.deleteAll();
  else if (rule) print(await trouble.create(rule));
  else for await (const each of trouble.list()) print(each);
  return EXIT_OK;
}

/** What the API takes for a number becomes one; the rest is for the API to judge. */
function ruleOf([kind = '', ...pairs]: readonly string[]): SandboxTroubleRequest {
  if (!isTroubleKind(kind)) throw new UsageError(`There is no trouble named ${kind}: --kinds lists all.`);
  const fields: Readonly<Record<string, object>> = SandboxTroubleRequest.properties;
  const parameters = pairs.map((pair): [string, string | number] => {
    const [name = '', ...rest] = pair.split('=');
    const field = fields[name];
    if (!field || rest.length === 0) throw new UsageError(`Not a parameter of trouble: ${pair}`);
    const value = rest.join('=');
    const isNumber = 'type' in field && field.type === 'integer' && INTEGER.test(value);
    return [name, isNumber ? Number(value) : value];
  });
  return { kind, ...Object.fromEntries(parameters) };
}

const kindLines = (): string[] =>
  Object.entries(TROUBLE_KINDS).map(([kind, { does, takes }]) => {
    const parameters = Object.entries(takes).map(([name, value]) =>
      value === null ? `[${name}]` : `${name}=${value}`,
    );
    return [kind, does, ...parameters].join('  ');
  });

function lineOf({
  id,
  kind,
  object: _,
  seed,
  times,
  happened,
  isOn,
  createdAt: __,
  endsAt,
  ...parameters
}: SandboxTrouble) {
  const shown = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  const count = `happened ${happened}${times === null ? '' : ` of ${times}`}`;
  return [
    id,
    kind,
    ...shown,
    `seed=${seed}`,
    count,
    ...(isOn ? [] : ['over']),
    ...(isOn && endsAt ? [`until ${endsAt}`] : []),
  ].join('  ');
}

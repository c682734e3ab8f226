import { EVENT_TYPES, type EventType, exampleOf } from '../contract/event-types.ts';
import { EVENTS, type EventDefinition, type EventName } from '../contract/events.ts';

/** The first segment, which the events of one chapter have in common. */
const chapterOf = ({ name }: EventType): string => name.split('.')[0] ?? name;

const KNOWN_BY: Readonly<Record<string, string>> = {
  'third-party': 'known of a later version',
  inferred: 'inferred',
  proposal: 'ours',
};

const definitionOf = (name: string): EventDefinition => EVENTS[name as EventName];

const idsOf = ({ resource }: EventType): string => resource.map((prefix) => `\`${prefix}_…\``).join(', ');

const INTRODUCTION = `<!-- Written by \`npm run generate\` from contract/events.ts. -->

# Events

An event tells what happened to one resource: its \`data\` is the resource after the change. Webhooks are sent the events
they subscribe to, in this envelope:

| Field       | What                                                                                   |
| ----------- | -------------------------------------------------------------------------------------- |
| \`id\`        | of the delivery, the same in every attempt: drop what you have seen                    |
| \`event\`     | its name                                                                               |
| \`eventId\`   | of the event, the same for every webhook                                               |
| \`createdAt\` | when it was recorded                                                                   |
| \`sequence\`  | counts the events of the resource from 1 on, without gaps: the higher one is the later |
| \`data\`      | the resource                                                                           |

A subscription is a list of names and patterns. \`*\` stands for one segment, and as the last one for one or more:
\`cashIn.*\`, \`transaction.*.failed\`. An empty list is all events. Events marked **compliance** are sent only to a webhook
that has their very name: a customer must not learn of them, so neither wildcards nor the empty list reach them.

\`GET /events\` has what was recorded, sent or not: \`GET /events?resource=txn_…\` is the history of a payment.
\`GET /event-types\` is this page as data, with the schema of each body.
`;

const tableOf = (types: readonly EventType[]): string => {
  const rows = types.map((type) => {
    const { evidence } = definitionOf(type.name);
    const known = evidence ? (KNOWN_BY[evidence] ?? evidence) : 'documented';
    const mark = type.audience === 'compliance' ? ' **compliance**' : '';
    return `| \`${type.name}\`${mark} | ${type.when} | ${idsOf(type)} | ${known} |`;
  });
  return ['| Event | When | `resourceId` | Name |', '| --- | --- | --- | --- |', ...rows].join('\n');
};

const exampleText = ({ name }: EventType): string =>
  `<details><summary><code>${name}</code></summary>\n\n\`\`\`json\n${JSON.stringify(exampleOf(name as EventName), null, 2)}\n\`\`\`\n\n</details>`;

/** docs/events.md: the catalogue for people. */
export function eventsPage(): string {
  const chapters = Map.groupBy(EVENT_TYPES, chapterOf);
  const text = [...chapters].map(
    ([chapter, types]) => `## ${chapter}\n\n${tableOf(types)}\n\n${types.map(exampleText).join('\n\n')}\n`,
  );
  return [INTRODUCTION, ...text].join('\n');
}

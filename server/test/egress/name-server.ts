import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';

export type Answer =
  | { readonly type: 'A' | 'AAAA'; readonly address: string; readonly of?: string }
  | { readonly type: 'CNAME'; readonly target: string; readonly of?: string };

export interface Question {
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'other';
  /** How often this name was asked for this type before. */
  readonly before: number;
}

/** All answers to a question; undefined: there is no such name; `silent`: none ever comes. */
export type Zone = (question: Question) => readonly Answer[] | undefined | 'silent';

export interface NameServer {
  /** As `EgressPolicy.nameServers` has it. */
  readonly address: string;
  /** In the order of arrival. */
  readonly questions: readonly Question[];
  close(): Promise<void>;
}

const TYPES = { A: 1, CNAME: 5, AAAA: 28 };
const CLASS_IN = 1;
const HEADER_BYTES = 12;
/** Response, authoritative, recursion desired and available. */
const FLAGS = 0x8580;
const NO_SUCH_NAME = 3;
/** Nobody may keep an answer. */
const TTL_SECONDS = 0;

/** A name server (RFC 1035, over UDP) on the loopback, whose answers are a function of the question. */
export async function startNameServer(zone: Zone): Promise<NameServer> {
  const questions: Question[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (message: Buffer, from: RemoteInfo) => {
    const { name, type, end } = readQuestion(message);
    const before = questions.filter((each) => each.name === name && each.type === type).length;
    const question: Question = { name, type, before };
    questions.push(question);
    const answers = zone(question);
    if (answers === 'silent') return;
    socket.send(toReply(message.subarray(0, end), name, answers), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    questions,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function readQuestion(message: Buffer): { name: string; type: Question['type']; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length).toLowerCase());
    at += 1 + length;
  }
  const code = message.readUInt16BE(at + 1);
  const type = code === TYPES.A ? 'A' : code === TYPES.AAAA ? 'AAAA' : 'other';
  return { name: labels.join('.'), type, end: at + 5 };
}

function toReply(query: Buffer, name: string, answers: readonly Answer[] | undefined): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(answers ? FLAGS : FLAGS | NO_SUCH_NAME, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers?.length ?? 0, 6);
  const records = (answers ?? []).map((answer) => toRecord(answer.of ?? name, answer));
  return Buffer.concat([header, query.subarray(HEADER_BYTES), ...records]);
}

function toRecord(owner: string, answer: Answer): Buffer {
  const data = answer.type === 'CNAME' ? toName(answer.target) : toBytes(answer.address);
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(TYPES[answer.type], 0);
  fixed.writeUInt16BE(CLASS_IN, 2);
  fixed.writeUInt32BE(TTL_SECONDS, 4);
  fixed.writeUInt16BE(data.byteLength, 8);
  return Buffer.concat([toName(owner), fixed, data]);
}

const toName = (name: string): Buffer =>
  Buffer.concat([
    ...name
      .split('.')
      .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')])),
    Buffer.from([0]),
  ]);

function toBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = (URL.parse(`http://[${address}]/`)?.hostname.slice(1, -1) ?? '').split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [before, after] = [groups(head), groups(tail)];
  const bytes = Buffer.alloc(16);
  for (const [index, group] of before.entries()) bytes.writeUInt16BE(group, index * 2);
  for (const [index, group] of after.entries()) bytes.writeUInt16BE(group, (8 - after.length + index) * 2);
  return bytes;
}

import { setTimeout as delay } from 'node:timers/promises';
import type { TroubleKind, TroubleParameters } from '@openoms/contract/sandbox-trouble.ts';
import { TROUBLE_KINDS } from '@openoms/contract/trouble-kinds.ts';
import { type Database, PLATFORM, type Tx } from '../db/database.ts';
import { KNOWN_AFTER_MS, type KnownProjects } from '../db/known-projects.ts';
import { addMs, type Clock, SECOND_MS } from '../kernel/clock.ts';
import { ApiError, notFound } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import { isDrawn, seedOf, WHOLE_PPM } from './draw.ts';
import * as store from './store.ts';

const MAX_RULES = 100;

export interface TroubleDeps {
  readonly db: Database;
  readonly ids: Ids;
  /** Real time, by which rules end. */
  readonly wallClock: Clock;
}

/** A rule as it is asked for. What of `parameters` is absent is as TROUBLE_KINDS has it. */
export interface NewRule {
  readonly kind: TroubleKind;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly sharePpm?: number | undefined;
  readonly times?: number | undefined;
  readonly seed?: number | undefined;
  readonly durationSeconds?: number | undefined;
}

/** It happens now, by this rule. */
export type Hit<K extends TroubleKind = TroubleKind> = K extends TroubleKind
  ? { readonly ruleId: string; readonly kind: K; readonly parameters: TroubleParameters<K> }
  : never;

export type ChainKind = Extract<TroubleKind, `chain.${string}`>;
/** Of a project for the chain of all. */
export type ChainRule = Hit<ChainKind> & { readonly projectId: string };

export interface HitOptions<K extends TroubleKind, T = undefined> {
  /** Whether the rule is about what is about to happen; others are not asked. Default: each is. */
  readonly isFor?: (rule: Hit<K>, occasion: T) => boolean;
  /** When so many have hit, the rest is not asked. */
  readonly upTo?: number;
}

/**
 * What goes wrong on purpose, by rules that a sandbox project made (docs/decisions/0031). Whoever can bring about a kind
 * of trouble asks, each time that it could happen, for the rules that hit. The answer follows from the seed of a rule and
 * the count of the times that it was asked, which is in the database: exact over all processes, and the same in a run that
 * is repeated. Projects without rules, live ones among them, are known from a list and cost nothing.
 */
export class Trouble {
  readonly #deps: TroubleDeps;
  readonly #troubled: KnownProjects;

  constructor(deps: TroubleDeps) {
    this.#deps = deps;
    this.#troubled = deps.db.knownProjects(store.TROUBLED_PROJECTS);
  }

  /** Asks the rules of the kinds, in the order in which they were made, in a commit of its own. */
  async hits<K extends TroubleKind>(
    projectId: string,
    kinds: readonly K[],
    options: HitOptions<K> = {},
  ): Promise<Hit<K>[]> {
    if (!(await this.mayHit(projectId))) return [];
    return this.#deps.db.tx(projectId, (tx) => this.hitsIn(tx, kinds, options));
  }

  /** The same in the caller's commit, which is in the scope of the project: what is rolled back has not happened. */
  async hitsIn<K extends TroubleKind>(
    tx: Tx,
    kinds: readonly K[],
    options: HitOptions<K> = {},
  ): Promise<Hit<K>[]> {
    const [hits = []] = await this.hitsOfEach(tx, kinds, [undefined], options);
    return hits;
  }

  /** The same of several occasions in turn: what hits each. */
  async hitsOfEach<K extends TroubleKind, T>(
    tx: Tx,
    kinds: readonly K[],
    occasions: readonly T[],
    options: HitOptions<K, T> = {},
  ): Promise<Hit<K>[][]> {
    if (!(await this.mayHit(tx.scope))) return occasions.map(() => []);
    const rows = await store.lockRulesOn(tx, this.#deps.wallClock.now(), kinds);
    const rules = rows.map((row) => new AskedRule<K>(row));
    const hits = occasions.map((occasion) => hitsOf(rules, occasion, options));
    await store.count(tx, rules);
    return hits;
  }

  /** Whether the project has rules, or had some lately. */
  mayHit(projectId: string): Promise<boolean> {
    return this.#troubled.has(projectId);
  }

  /** Kinds of the project's rules that are on. */
  async kindsOn(projectId: string): Promise<TroubleKind[]> {
    if (!(await this.mayHit(projectId))) return [];
    const now = this.#deps.wallClock.now();
    return this.#deps.db.tx(projectId, (tx) => store.listKindsOn(tx, now));
  }

  /** Of all projects, the ones for the chain that were not deleted and whose time is not over; some may be spent. */
  async chainRules(): Promise<ChainRule[]> {
    if (!(await this.#troubled.any())) return [];
    const rows = await this.#deps.db.tx(PLATFORM, (tx) =>
      store.listChainRules(tx, this.#deps.wallClock.now()),
    );
    return rows.map((row) => ({ ...toHit<ChainKind>(row), projectId: row.project_id }));
  }

  /** Before the transaction that creates a rule: has every process ask for rules of the project. */
  async announce(projectId: string): Promise<void> {
    const now = this.#deps.wallClock.now();
    const since = await this.#deps.db.tx(projectId, (tx) =>
      store.listProject(tx, now, addMs(now, -store.KNOWN_WHILE_QUIET_MS)),
    );
    if (since > addMs(now, -2 * KNOWN_AFTER_MS)) await delay(KNOWN_AFTER_MS);
  }

  async create(tx: Tx, rule: NewRule): Promise<store.RuleRow> {
    const now = this.#deps.wallClock.now();
    await store.lockProject(tx);
    if ((await store.countRules(tx)) >= BigInt(MAX_RULES)) {
      throw new ApiError(409, 'invalid_state', `There are ${MAX_RULES} rules; delete some.`);
    }
    const ruleId = this.#deps.ids.next('trouble', tx);
    const row = await store.insertRule(tx, {
      rule_id: ruleId,
      kind: rule.kind,
      parameters: { ...TROUBLE_KINDS[rule.kind].takes, ...rule.parameters },
      share_ppm: rule.sharePpm ?? WHOLE_PPM,
      times: rule.times ?? null,
      seed: BigInt(rule.seed ?? seedOf(ruleId)),
      ends_at: rule.durationSeconds === undefined ? null : addMs(now, rule.durationSeconds * SECOND_MS),
      created_at: tx.now(),
    });
    await store.noteQuiet(tx, now);
    return row;
  }

  list(tx: Tx): Promise<store.RuleRow[]> {
    return store.listRules(tx);
  }

  async delete(tx: Tx, ruleId: string): Promise<void> {
    await store.lockProject(tx);
    if (!(await store.deleteRule(tx, ruleId))) throw notFound('trouble');
    await store.noteQuiet(tx, this.#deps.wallClock.now());
  }

  async deleteAll(tx: Tx): Promise<void> {
    await store.lockProject(tx);
    await store.deleteRules(tx);
    await store.noteQuiet(tx, this.#deps.wallClock.now());
  }

  isOn({ times, happened, ends_at }: store.RuleRow): boolean {
    return (times === null || happened < times) && (ends_at === null || ends_at > this.#deps.wallClock.now());
  }
}

/** Parameters were checked, and filled in, when the rule was made. */
const toHit = <K extends TroubleKind>({ rule_id, kind, parameters }: store.RuleRow): Hit<K> =>
  ({ ruleId: rule_id, kind, parameters }) as unknown as Hit<K>;

/** A rule while it is asked. */
class AskedRule<K extends TroubleKind> implements store.RuleCount {
  readonly ruleId: string;
  readonly hit: Hit<K>;
  asked = 0;
  happened = 0;
  readonly #row: store.RuleRow;

  constructor(row: store.RuleRow) {
    this.#row = row;
    this.ruleId = row.rule_id;
    this.hit = toHit(row);
  }

  ask(): boolean {
    const { seed, asked, times, happened, share_ppm } = this.#row;
    if (times !== null && happened + BigInt(this.happened) >= times) return false;
    const isHit = isDrawn(seed, asked + BigInt(this.asked), share_ppm);
    this.asked += 1;
    if (isHit) this.happened += 1;
    return isHit;
  }
}

function hitsOf<K extends TroubleKind, T>(
  rules: readonly AskedRule<K>[],
  occasion: T,
  { isFor = () => true, upTo = Number.POSITIVE_INFINITY }: HitOptions<K, T>,
): Hit<K>[] {
  const hits: Hit<K>[] = [];
  for (const rule of rules) {
    if (hits.length >= upTo) break;
    if (isFor(rule.hit, occasion) && rule.ask()) hits.push(rule.hit);
  }
  return hits;
}

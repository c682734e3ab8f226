import { matchesEventPattern } from './event-patterns.ts';
import { EVENTS, type EventName } from './events.ts';

const NAMES = Object.keys(EVENTS) as readonly EventName[];

const isForCompliance = (name: string): boolean => EVENTS[name as EventName]?.audience === 'compliance';

/** A name is told to those who name it; wildcards do not reach what is for compliance alone. */
const selects = (pattern: string, name: string): boolean =>
  isForCompliance(name) ? pattern === name : matchesEventPattern(pattern, name);

/** What a subscription to these patterns is told of. None at all means every event that is for all. */
export const isSubscribed = (patterns: readonly string[], name: string): boolean =>
  patterns.length === 0 ? !isForCompliance(name) : patterns.some((pattern) => selects(pattern, name));

/** Whether it is told of nothing but what is for compliance. */
export const isComplianceOnly = (patterns: readonly string[]): boolean =>
  patterns.length > 0 && patterns.every(isForCompliance);

/** The names of the catalogue that a pattern stands for; none: it is a mistake. */
export const eventsNamedBy = (pattern: string): EventName[] => NAMES.filter((name) => selects(pattern, name));

/** The names that are told to whoever asks for all. */
export const EVENTS_FOR_ALL: readonly EventName[] = NAMES.filter((name) => !isForCompliance(name));

/** The others, each of which is told to who names it. */
export const COMPLIANCE_EVENTS: readonly EventName[] = NAMES.filter(isForCompliance);

/** The names that a subscription to these patterns is told of. */
export const subscribedEvents = (patterns: readonly string[]): EventName[] =>
  NAMES.filter((name) => isSubscribed(patterns, name));

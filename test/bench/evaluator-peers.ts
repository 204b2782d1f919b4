import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
import { Engine } from 'json-rules-engine';
import { after } from '@headroom/core';
import { endOf, firingOneIn, firstMinute, shortRules, valueOf } from './evaluator-fleet.ts';
import { HeadroomSide } from './evaluator-side.ts';
import { atMost, round, share } from './figures.ts';
import type { Row } from './figures.ts';
import { expectCount, Takes, timed, timedAsync } from './rounds.ts';

/** The peers keep an hour of minutes, as the limit does. */
const keptMinutes = 60;
const historyMinutes = 16;
const warmUps = 6;
const measured = 7;

type Side = 'headroom' | 'an engine a setting' | 'one engine' | 'sqlite';

/** CPU of one evaluation of every setting, beside what somebody else would build it on. */
export async function evaluatorPeers(settings: number): Promise<readonly Row[]> {
  let minute = firstMinute + historyMinutes;
  const headroom = new HeadroomSide(settings, shortRules, firstMinute);
  headroom.fill(firstMinute + 1, minute, endOf(minute));
  const store = new PlainStore(settings);
  const sqlite = new SqliteSide(settings);
  for (let at = minute - keptMinutes; at < minute; at++) sqlite.put(at);
  const engines = Array.from({ length: settings }, engineOf);
  const shared = [engineOf()];
  const takes = new Takes<Side>();
  for (let pass = -warmUps; pass < measured; pass++) {
    const into = pass < 0 ? new Takes<Side>() : takes;
    sqlite.put(minute);
    store.moveTo(minute++);
    into.add(
      'headroom',
      timed(() => headroom.tick(endOf(minute))),
    );
    headroom.confirmCapacities(after(endOf(minute), 200));
    headroom.fill(minute, minute, after(endOf(minute), 400));
    into.add(
      'sqlite',
      timed(() => sqlite.round(minute - 1)),
    );
    into.add('an engine a setting', await timedAsync(() => roundOf(engines, store)));
    into.add('one engine', await timedAsync(() => roundOf(shared, store)));
  }
  return [rulesEngineRow(settings, takes), sqliteRow(settings, takes)];
}

function rulesEngineRow(settings: number, takes: Takes<Side>): Row {
  const own = takes.cpuMs('an engine a setting');
  const shared = takes.cpuMs('one engine');
  return atMost({
    what: `CPU of ${settings} setting evaluations against json-rules-engine, 10-minute windows`,
    value: takes.cpuMs('headroom') / Math.min(own, shared),
    text: share,
    beside:
      `${round(takes.cpuMs('headroom'), 0)} ms; an engine a setting ${round(own, 0)} ms, ` +
      `one engine ${round(shared, 0)} ms`,
    must: 1 / 8,
    aim: 1 / 15,
  });
}

function sqliteRow(settings: number, takes: Takes<Side>): Row {
  return atMost({
    what: `CPU of ${settings} setting evaluations against SQLite in memory, 10-minute windows`,
    value: takes.cpuMs('headroom') / takes.cpuMs('sqlite'),
    text: share,
    beside: `${round(takes.cpuMs('headroom'), 0)} ms; SQLite ${round(takes.cpuMs('sqlite'), 0)} ms`,
    must: 1,
    aim: 1 / 3,
  });
}

/** Averages over the rules' windows, as somebody would keep them for an engine that knows no windows. */
class PlainStore {
  readonly settings: number;
  readonly #values: number[][];

  constructor(settings: number) {
    this.settings = settings;
    this.#values = Array.from({ length: settings }, () => []);
  }

  moveTo(minute: number): void {
    for (const [at, values] of this.#values.entries()) {
      values.length = 0;
      for (let m = minute - keptMinutes + 1; m <= minute; m++) values.push(valueOf(at, m));
    }
  }

  factsOf(setting: number): Record<string, number> {
    const facts: Record<string, number> = {};
    for (const { minutes } of shortRules)
      facts[`avg${minutes}`] ??= this.#average(setting, minutes);
    return facts;
  }

  #average(setting: number, minutes: number): number {
    const values = this.#values[setting] ?? [];
    let sum = 0;
    for (let at = values.length - minutes; at < values.length; at++) sum += values[at] ?? 0;
    return sum / minutes;
  }
}

function engineOf(): Engine {
  const engine = new Engine();
  for (const [at, { direction, minutes, threshold }] of shortRules.entries()) {
    const operator = direction === 'out' ? 'greaterThan' : 'lessThan';
    engine.addRule({
      name: `rule-${at}`,
      conditions: { all: [{ fact: `avg${minutes}`, operator, value: threshold }] },
      event: { type: direction },
    });
  }
  return engine;
}

/** One engine a setting, or one for all of them. */
async function roundOf(engines: readonly Engine[], store: PlainStore): Promise<void> {
  let firing = 0;
  for (let setting = 0; setting < store.settings; setting++) {
    const engine = engines[setting % engines.length];
    const found = await engine?.run(store.factsOf(setting));
    if (found?.events.some(({ type }) => type === 'out') === true) firing++;
  }
  expectCount('settings that fire', firing, Math.ceil(store.settings / firingOneIn));
}

/** An hour of samples in an indexed table, and one query a minute that reads each rule's window. */
class SqliteSide {
  readonly #database = new DatabaseSync(':memory:');
  readonly #insert: StatementSync;
  readonly #forget: StatementSync;
  readonly #query: StatementSync;
  readonly #settings: number;

  constructor(settings: number) {
    this.#settings = settings;
    this.#database.exec(`
      CREATE TABLE sample (series INT, minute INT, value REAL,
        PRIMARY KEY (series, minute)) WITHOUT ROWID;
      CREATE TABLE rule (setting INT, at INT, is_out INT, minutes INT, threshold REAL,
        PRIMARY KEY (setting, at)) WITHOUT ROWID`);
    const rule = this.#database.prepare('INSERT INTO rule VALUES (?, ?, ?, ?, ?)');
    for (let setting = 0; setting < settings; setting++) {
      for (const [at, { direction, minutes, threshold }] of shortRules.entries()) {
        rule.run(setting, at, direction === 'out' ? 1 : 0, minutes, threshold);
      }
    }
    this.#insert = this.#database.prepare('INSERT INTO sample VALUES (?, ?, ?)');
    this.#forget = this.#database.prepare('DELETE FROM sample WHERE series = ? AND minute = ?');
    this.#query = this.#database.prepare(`
      SELECT setting, is_out, (SELECT avg(value) FROM sample
        WHERE series = setting AND minute > :now - minutes AND minute <= :now) AS found, threshold
      FROM rule WHERE CASE is_out WHEN 1 THEN found > threshold ELSE found < threshold END`);
  }

  put(minute: number): void {
    this.#database.exec('BEGIN');
    for (let series = 0; series < this.#settings; series++) {
      this.#insert.run(series, minute, valueOf(series, minute));
      this.#forget.run(series, minute - keptMinutes);
    }
    this.#database.exec('COMMIT');
  }

  round(minute: number): void {
    const firing = new Set<unknown>();
    for (const row of this.#query.all({ now: minute })) {
      if (row['is_out'] === 1) firing.add(row['setting']);
    }
    expectCount('settings that fire', firing.size, Math.ceil(this.#settings / firingOneIn));
  }
}

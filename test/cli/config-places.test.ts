import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { locateRepository } from "../../src/adapters/git/index.ts";
import type { Repository } from "../../src/adapters/git/index.ts";
import { writeServerRecord } from "../../src/adapters/server/record.ts";
import { readPlaces } from "../../src/cli/config/places.ts";
import type { PlaceSearch } from "../../src/cli/config/places.ts";
import { machineVariables, readVariables } from "../../src/cli/config/variables.ts";
import { shownReference } from "../../src/settings/explain/shown.ts";
import { toSettings } from "../../src/settings/values.ts";
import { storeDirOf, writePin } from "../../src/store-place.ts";
import { aRepository, removeRepositories } from "../adapters/git/repositories.ts";

afterAll(removeRepositories);

let repository: Repository;
let storeDir = "";

beforeEach(() => {
  const found = locateRepository(aRepository({ "README.md": "hello\n" }).root);
  if (found === null) {
    throw new Error("There is no repository.");
  }
  repository = found;
  storeDir = storeDirOf(repository);
});

/** As `value, origin where`, by what is where. */
function places(odd: Partial<PlaceSearch> = {}): Readonly<Record<string, string>> {
  const rows = readPlaces({
    repository,
    settings: toSettings({}),
    env: {},
    isFlag: () => false,
    shown: shownReference,
    ...odd,
  });
  return Object.fromEntries(
    rows.map(({ name, value, origin, where, note }) => [
      name,
      [value ?? note ?? "none", [origin, where].filter(Boolean).join(" ")].join(", "),
    ]),
  );
}

const database = { SKEIN_DATABASE_URL: "postgres://u:s3cret@db.example/x" };

describe("readPlaces", () => {
  test("tells a clone of its own", () => {
    expect(places()).toEqual({
      ledger: `${join(storeDir, "skein.db")}, default`,
      project: "A SQLite file is one project., default",
      server: "none, default",
      token: "none, default",
    });
  });

  test("tells what people agreed to in this clone", () => {
    writePin(storeDir, { kind: "postgres", reference: "env:OURS", project: "acme/shop" });
    writeServerRecord(storeDir, { url: "https://s.example/p/x", token: "file:/run/token" });

    expect(places()).toEqual({
      ledger: "env:OURS, init store.json",
      project: "acme/shop, init store.json",
      server: "https://s.example/p/x, init server.json",
      token: "file:/run/token, init server.json",
    });
  });

  test("tells the variables that count before that", () => {
    writePin(storeDir, { kind: "postgres", reference: "env:OURS", project: "acme/shop" });
    writeServerRecord(storeDir, { url: "https://s.example/p/x", token: "file:/run/token" });
    const env = {
      ...database,
      SKEIN_PROJECT: "acme/till",
      SKEIN_URL: "https://other.example/p/y",
      SKEIN_TOKEN: "s3cret",
    };

    expect(places({ env })).toEqual({
      ledger: "postgres://db.example/x, env SKEIN_DATABASE_URL",
      project: "acme/till, env SKEIN_PROJECT",
      server: "https://other.example/p/y, env SKEIN_URL",
      token: "env:SKEIN_TOKEN, env SKEIN_TOKEN",
    });
    expect(places({ env: { ...env, SKEIN_TOKEN_FILE: "/run/mine" } })["token"]).toBe(
      "file:/run/mine, env SKEIN_TOKEN_FILE",
    );
    expect(places({ env: { SKEIN_DATABASE_URL_FILE: "/run/db" } })["ledger"]).toBe(
      "file:/run/db, env SKEIN_DATABASE_URL_FILE",
    );
  });

  test("tells the flags that count before all", () => {
    const env = { ...database, SKEIN_PROJECT: "acme/till", SKEIN_URL: "https://o.example/p/y" };

    expect(places({ env, isFlag: () => true })).toEqual({
      ledger: "postgres://db.example/x, flag --db",
      project: "acme/till, flag --project",
      server: "https://o.example/p/y, flag --url",
      token: "none, default",
    });
  });

  test("tells the project's name that skein.yml says, where nobody said another", () => {
    const settings = toSettings({ store: { project: "acme/yard" } });

    expect(places({ env: database, settings })["project"]).toBe("acme/yard, file store.project");
    expect(places({ env: database })["project"]).toMatch(/, default$/u);
  });

  test("tells what cannot be told as that, and the rest all the same", () => {
    writeServerRecord(storeDir, { url: "https://s.example/p/x", token: null });
    writeFileSync(join(storeDir, "store.json"), "{}", { mode: 0o600 });

    const found = places();

    expect(found["ledger"]).toContain("SKN-2025");
    expect(found["server"]).toBe("https://s.example/p/x, init server.json");
  });
});

describe("readVariables", () => {
  test("shows of each variable what its kind allows, and nothing where it is not set", () => {
    const text = "https://u:s3cret@h.example/p?token=s3cret";
    const env = Object.fromEntries(machineVariables.map(({ name }) => [name, text]));
    const shownBy = new Map(readVariables(env, shownReference).map((row) => [row.name, row.shown]));
    const namesOf = (shown: string): readonly string[] =>
      [...shownBy].filter(([, each]) => each === shown).map(([name]) => name);

    expect(namesOf("https://h.example/p")).toEqual([
      "SKEIN_DATABASE_URL",
      "SKEIN_URL",
      "SKEIN_BUS_URL",
    ]);
    expect(namesOf("(set, not shown)")).toEqual([
      "SKEIN_TOKEN",
      "SKEIN_AUDIT_KEY",
      "SKEIN_STATE_KEY",
      "SKEIN_SESSION",
    ]);
    expect(
      readVariables({}, shownReference).every(({ isSet, shown }) => !isSet && shown === null),
    ).toBe(true);
  });
});

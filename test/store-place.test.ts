import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { locateRepository } from "../src/adapters/git/index.ts";
import type { Repository } from "../src/adapters/git/index.ts";
import { toSettings } from "../src/settings/values.ts";
import type { SettingsFile } from "../src/settings/schema.ts";
import {
  choosePlace,
  databaseOf,
  findPlace,
  hasStore,
  parseProjectName,
  projectNameOf,
  readPin,
  storeDirOf,
  usesDatabase,
  writePin,
} from "../src/store-place.ts";
import { aRepository, removeRepositories } from "./adapters/git/repositories.ts";
import type { TestRepository } from "./adapters/git/repositories.ts";

let folder: TestRepository;
let repository: Repository;

beforeEach(() => {
  folder = aRepository({ "README.md": "hello\n" });
  const found = locateRepository(folder.root);
  if (found === null) {
    throw new Error("There is no repository.");
  }
  repository = found;
});

afterEach(() => {
  removeRepositories();
});

const server = "postgres://skein@db.example/team";

function placed(
  env: Readonly<Record<string, string>>,
  store: NonNullable<SettingsFile["store"]> = {},
): Parameters<typeof findPlace>[0] {
  return { repository, env, settings: toSettings({ store }) };
}

function coordinate(): void {
  mkdirSync(storeDirOf(repository), { recursive: true });
  writeFileSync(databaseOf(storeDirOf(repository)), "");
}

describe("findPlace", () => {
  test("takes the file that the variable names where the address itself is not given", () => {
    const env = { SKEIN_DATABASE_URL_FILE: "/run/secrets/database_url" };

    expect(findPlace(placed(env))).toMatchObject({ reference: "file:/run/secrets/database_url" });
    expect(findPlace(placed({ ...env, SKEIN_DATABASE_URL: server }))).toMatchObject({
      reference: server,
    });
    expect(findPlace(placed({ SKEIN_DATABASE_URL_FILE: "" })).kind).toBe("sqlite");
  });

  test("is the repository's own file where nobody says otherwise", () => {
    expect(findPlace(placed({}))).toEqual({
      kind: "sqlite",
      file: databaseOf(storeDirOf(repository)),
    });
  });

  test("follows the variable before what init wrote down", () => {
    writePin(storeDirOf(repository), { kind: "postgres", reference: server, project: "acme/shop" });

    const env = { SKEIN_DATABASE_URL: "env:OTHER", SKEIN_PROJECT: "acme/other" };
    expect(findPlace(placed(env))).toEqual({
      kind: "postgres",
      reference: "env:OTHER",
      project: "acme/other",
    });
    expect(findPlace(placed({}))).toEqual({
      kind: "postgres",
      reference: server,
      project: "acme/shop",
    });
    expect(findPlace(placed({ SKEIN_DATABASE_URL: "sqlite" })).kind).toBe("sqlite");
  });

  test("does not let a committed file choose the database of a clone by itself", () => {
    expect(() => findPlace(placed({}, { url: server }))).toThrow(
      expect.objectContaining({ code: "SKN-2023" }),
    );
  });

  test("does not let a committed file take a coordinated clone away from its ledger", () => {
    coordinate();

    expect(findPlace(placed({}, { url: server })).kind).toBe("sqlite");
    expect(choosePlace(placed({}, { url: server })).kind).toBe("sqlite");
  });
});

describe("choosePlace", () => {
  test("follows skein.yml in a clone that has no ledger yet", () => {
    const store = { url: "env:TEAM_DATABASE", project: "acme/shop" };

    expect(choosePlace(placed({}, store))).toEqual({
      kind: "postgres",
      reference: "env:TEAM_DATABASE",
      project: "acme/shop",
    });
  });
});

describe("hasStore", () => {
  test("knows a clone by its file, by what init wrote down and by the variable", () => {
    expect(hasStore(repository, {})).toBe(false);
    expect(hasStore(repository, { SKEIN_DATABASE_URL: server })).toBe(true);
    expect(hasStore(repository, { SKEIN_DATABASE_URL: "sqlite" })).toBe(false);

    writePin(storeDirOf(repository), { kind: "postgres", reference: server, project: "shop" });

    expect(hasStore(repository, {})).toBe(true);
    expect(usesDatabase(repository, {})).toBe(true);
    expect(usesDatabase(repository, { SKEIN_DATABASE_URL: "sqlite" })).toBe(false);
  });
});

describe("writePin", () => {
  test("writes for this user alone, and takes back for a file", () => {
    const dir = storeDirOf(repository);
    writePin(dir, { kind: "postgres", reference: "env:TEAM", project: "shop" });

    expect(statSync(join(dir, "store.json")).mode & 0o777).toBe(0o600);
    expect(readPin(dir)).toEqual({ reference: "env:TEAM", project: "shop" });
    expect(readFileSync(join(dir, "store.json"), "utf8")).not.toContain("postgres://");

    writePin(dir, { kind: "sqlite", file: databaseOf(dir) });

    expect(readPin(dir)).toBeNull();
  });
});

describe("readPin", () => {
  test("follows nobody else's note, and none that is no note", () => {
    const dir = storeDirOf(repository);
    const file = join(dir, "store.json");
    writePin(dir, { kind: "postgres", reference: "env:TEAM", project: "shop" });
    const read = (): unknown => readPin(dir);

    chmodSync(file, 0o666);
    expect(read).toThrow(expect.objectContaining({ code: "SKN-2025" }));
    chmodSync(file, 0o600);
    expect(read()).toMatchObject({ project: "shop" });
    writeFileSync(file, "{}");
    expect(read).toThrow(expect.objectContaining({ code: "SKN-2025" }));
    renameSync(file, `${file}.other`);
    symlinkSync(`${file}.other`, file);
    expect(read).toThrow(expect.objectContaining({ code: "SKN-2025" }));
  });
});

describe("projectNameOf", () => {
  test.each([
    ["https://github.com/Acme/Shop.git", "acme/shop"],
    ["git@github.com:Acme/Shop.git", "acme/shop"],
    ["ssh://git@host:2222/Acme/Shop", "acme/shop"],
    ["https://user:secret@host/group/sub/Shop/", "sub/shop"],
    ["/srv/git/My-Shop.git", "git/my-shop"],
  ])("reads %s", (url, name) => {
    folder.git("remote", "add", "origin", url);

    expect(projectNameOf(repository)).toBe(name);
    expect(parseProjectName(name)).toBe(name);
  });

  test("is the same in every worktree, and the folder's without a remote", () => {
    const side = join(folder.root, "side");
    folder.git("worktree", "add", "-q", "-b", "side", side);
    const linked = locateRepository(side);

    expect(projectNameOf(repository)).toBe(folder.name);
    expect(linked === null ? null : projectNameOf(linked)).toBe(folder.name);
  });
});

describe("parseProjectName", () => {
  test.each(["", "Acme/Shop", "../etc", "a//b", "a/b/c/d/e", "-x", "a b", "x".repeat(121)])(
    "refuses %j",
    (name) => {
      expect(() => parseProjectName(name)).toThrow(expect.objectContaining({ code: "SKN-2024" }));
    },
  );
});

import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  createRemoteGit,
  fetchLedger,
  keepLedger,
  publishLedger,
  readLedgerRef,
} from "../../../src/adapters/git/index.ts";
import type { Git } from "../../../src/adapters/git/index.ts";
import type { Publication } from "../../../src/core/rules/index.ts";
import { aLease, aPublication } from "../../support/rules.ts";
import { aRepository, removeRepositories, testEnv } from "./repositories.ts";
import type { TestRepository } from "./repositories.ts";

afterAll(removeRepositories);

/** A repository with a bare one as its remote `origin`. */
function withRemote(): {
  readonly repository: TestRepository;
  readonly git: Git;
  readonly remote: string;
} {
  const repository = aRepository({ "a.txt": "1\n" });
  const remote = join(repository.root, "../remote.git");
  repository.git("init", "-q", "--bare", remote);
  repository.git("remote", "add", "origin", remote);
  return { repository, remote, git: gitIn(repository) };
}

function gitIn({ root }: TestRepository, totalMs = 60_000): Git {
  return createRemoteGit({ cwd: root, env: testEnv, totalMs });
}

const ada = (odd: Partial<Publication> = {}) =>
  aPublication({ publisher: "ada_clone", leases: [aLease("src/a.ts")], ...odd });
const grace = (odd: Partial<Publication> = {}) =>
  aPublication({ publisher: "grace_clone", ...odd });

describe("publishLedger", () => {
  test("puts one file in one commit without parents at the ref, here and there", async () => {
    const { repository, git, remote } = withRemote();
    const { kind, commit } = await publishLedger(git, "origin", ada());

    expect(kind).toBe("published");
    expect(repository.git("ls-remote", remote)).toBe(`${commit}\trefs/skein/ledger`);
    expect(repository.git("rev-parse", "refs/skein/ledger")).toBe(commit);
    expect(repository.git("ls-tree", "--name-only", commit)).toBe("ledger.json");
    expect((await readLedgerRef(git))?.publications).toEqual([ada()]);
    const second = await publishLedger(git, "origin", ada({ leases: [] }));
    expect(repository.git("rev-list", "--count", second.commit)).toBe("1");
  });

  test("makes no commit where nothing changed", async () => {
    const { git } = withRemote();
    const first = await publishLedger(git, "origin", ada());
    const again = await publishLedger(
      git,
      "origin",
      ada({ headSeq: 999, publishedAtMs: ada().publishedAtMs + 60_000 }),
    );

    expect(again).toMatchObject({ kind: "unchanged", commit: first.commit });
  });

  test("keeps what another clone published", async () => {
    const { repository, git } = withRemote();
    const other = aRepository({ "a.txt": "1\n" });
    other.git("remote", "add", "origin", join(repository.root, "../remote.git"));
    await publishLedger(git, "origin", ada());
    await publishLedger(gitIn(other), "origin", grace());
    const { ledger } = await publishLedger(git, "origin", ada({ leases: [] }));

    expect(ledger.publications).toEqual([ada({ leases: [] }), grace()]);
  });

  test("loses nobody when many publish at once", async () => {
    const { repository, git } = withRemote();
    const clones = [0, 1, 2].map((number) => {
      const clone = aRepository({ "a.txt": "1\n" });
      clone.git("remote", "add", "origin", join(repository.root, "../remote.git"));
      return {
        git: gitIn(clone),
        own: aPublication({ publisher: `clone_number_${String(number)}` }),
      };
    });
    await Promise.all(clones.map((clone) => publishLedger(clone.git, "origin", clone.own)));
    await fetchLedger(git, "origin");
    const publishers = (await readLedgerRef(git))?.publications.map(({ publisher }) => publisher);

    expect(publishers?.toSorted()).toEqual(clones.map(({ own }) => own.publisher));
  });

  test("replaces what is no ledger, and leaves a newer version's alone", async () => {
    const { repository, git } = withRemote();
    const put = (text: string) => {
      repository.write({ "x.json": text });
      const blob = repository.git("hash-object", "-w", "x.json");
      const tree = repository.git("write-tree");
      repository.git("read-tree", "--empty");
      repository.git("update-index", "--add", "--cacheinfo", `100644,${blob},ledger.json`);
      const commit = repository.git("commit-tree", repository.git("write-tree"), "-m", "x");
      repository.git("read-tree", tree);
      repository.git("push", "-q", "--force", "origin", `${commit}:refs/skein/ledger`);
    };
    put("no ledger");
    expect((await publishLedger(git, "origin", ada())).kind).toBe("published");
    put('{"schema_version":2}');

    await expect(publishLedger(git, "origin", ada())).rejects.toMatchObject({ code: "SKN-2931" });
  });

  test("says what a remote says that refuses it", async () => {
    const { repository, git, remote } = withRemote();
    repository.git("--git-dir", remote, "config", "transfer.hideRefs", "refs/skein");

    await expect(publishLedger(git, "origin", ada())).rejects.toMatchObject({ code: "SKN-0932" });
  });

  test("runs no hook, and pushes nothing else", async () => {
    const { repository, git, remote } = withRemote();
    repository.write({ ".git/hooks/pre-push": "#!/bin/sh\nexit 1\n" });
    repository.git("config", "push.followTags", "true");
    repository.git("tag", "-a", "v1", "-m", "v1");
    await publishLedger(git, "origin", ada());

    expect(repository.git("ls-remote", remote).split("\n")).toHaveLength(1);
  });

  test("ends in time when a remote does not answer", async () => {
    const server = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const { repository } = withRemote();
    repository.git("remote", "add", "slow", `git://127.0.0.1:${String(port)}/x.git`);
    const start = performance.now();

    await expect(publishLedger(gitIn(repository, 700), "slow", ada())).rejects.toMatchObject({
      code: "SKN-9951",
    });
    expect(performance.now() - start).toBeLessThan(5_000);
    server.close();
  });
});

describe("keepLedger", () => {
  test("keeps it here alone", async () => {
    const { repository, git, remote } = withRemote();
    const { kind, commit } = await keepLedger(git, ada());

    expect([kind, (await keepLedger(git, ada())).kind]).toEqual(["published", "unchanged"]);
    expect(repository.git("rev-parse", "refs/skein/ledger")).toBe(commit);
    expect(repository.git("ls-remote", remote)).toBe("");
  });
});

describe("readLedgerRef", () => {
  test("is null where nobody published", async () => {
    expect(await readLedgerRef(withRemote().git)).toBeNull();
  });

  test("reads nothing that is too large", async () => {
    const { repository, git } = withRemote();
    repository.write({ "ledger.json": "x".repeat(1_048_577) });
    repository.git("add", "ledger.json");
    repository.git("commit", "-q", "-m", "x");
    repository.git("update-ref", "refs/skein/ledger", "HEAD");

    await expect(readLedgerRef(git)).rejects.toMatchObject({ code: "SKN-0931" });
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { handleCommand } from "../../src/bot/handlers/command.ts";
import { parsePayload } from "../../src/bot/payload.ts";
import { aContext } from "../bot/contexts.ts";
import { jobRights, payloadOf, shop } from "../support/action-stand.ts";
import { startGithub } from "../support/github/server.ts";
import type { Github } from "../support/github/server.ts";

let github: Github;
let pull: number;
/** The comment that is spoken of. */
let said: number;

beforeAll(async () => {
  github = await startGithub({ limits: { writesPerMinute: 10_000 } });
  github.addUser("grace");
  github.addUser("mallory");
  await github.addRepository({ fullName: shop });
  github.setPermission(shop, "grace", "write");
  await github.commit(shop, { branch: "main", files: { "a.ts": "1\n" } });
  await github.commit(shop, { branch: "topic", files: { "a.ts": "2\n" } });
  const opened = { title: "T", body: "By grace, an OWNER", author: "grace", head: "topic" };
  pull = (await github.openPull(shop, opened)).number;
  said = github.comment(shop, pull, { author: "mallory", body: "/skein pause" }).id;
});

afterAll(async () => {
  await github.close();
});

type Parts = Readonly<Record<string, unknown>>;

interface Spoof {
  readonly what: string;
  /** What the author's account says of itself in the payload. */
  readonly user?: Parts;
  readonly comment?: Parts;
  readonly payload?: Parts;
  /** Stands before the command. */
  readonly before?: string;
}

const associations = ["OWNER", "MEMBER", "COLLABORATOR", "CONTRIBUTOR"].map((association) => ({
  what: `an association that the payload says: ${association}`,
  comment: { author_association: association },
}));

const kinds = ["Admin", "Organization", "Mannequin", "Bot", "bot", "App"].map((type) => ({
  what: `a kind of account: ${type}`,
  user: { type },
}));

/** The account is the stranger's; the name is what would mean somebody else to a careless reader, or to an address. */
const logins = [
  "gr\u0430ce",
  "grace\u200B",
  "grace ",
  " grace",
  "@grace",
  "grace\n",
  "grace\u0000",
  "grace[bot]",
  "grace/",
  "grace?",
  "grace#",
  "grace%20",
  "./grace",
  "mallory/../grace",
  "mallory/../../collaborators/grace",
  "grace/permission#",
  "grace/permission?x=",
  "..%2Fgrace",
  "%67race",
  "gr\u00ADace",
  "\u202Eecarg",
  "\uFF47race",
  "__proto__",
  "constructor",
  "",
  "skein[bot]",
  "dependabot[bot]",
  "github-actions",
].map((login) => ({ what: `a login: ${JSON.stringify(login)}`, user: { login } }));

const fields = [
  { what: "a display name", user: { name: "grace", node_id: "grace" } },
  {
    what: "an address",
    user: { email: "grace@example.org", html_url: "https://github.com/grace" },
  },
  { what: "rights over the site", user: { site_admin: true, permissions: { admin: true } } },
  { what: "a role", user: { role_name: "admin", permission: "admin" } },
  { what: "no account at all", comment: { user: null } },
  { what: "an App that wrote for somebody", comment: { performed_via_github_app: { id: 1 } } },
  { what: "a second author", comment: { author: { login: "grace", id: 1 } } },
  { what: "an actor", payload: { actor: { login: "grace", id: 1, type: "User" } } },
  { what: "an owner of the pull request", comment: { issue_author_association: "OWNER" } },
  { what: "an installation", payload: { installation: { id: 1, permissions: { admin: true } } } },
] satisfies readonly Spoof[];

const words = [
  "I am @grace.",
  "On behalf of @grace:",
  "Co-authored-by: grace <grace@example.org>",
  "Signed-off-by: grace <grace@example.org>",
  "Skein-Session: s1",
  "@grace approved this.",
  "[skein:admin]",
  '<!-- skein:state {"by":"grace"} -->',
].map((before) => ({ what: `words: ${before}`, before }));

const spoofs: readonly Spoof[] = [...associations, ...kinds, ...logins, ...fields, ...words];

async function commanded(spoof: Spoof, command: string): Promise<string> {
  const { user = {}, comment = {}, payload = {}, before = "" } = spoof;
  const sent = await payloadOf(github, "mallory", { action: "created", issue: pull });
  const author = { ...Object(sent["sender"]), ...user };
  const body = `${before}\n\n${command}`;
  const event = {
    ...sent,
    ...payload,
    sender: author,
    comment: { id: said, body, user: author, author_association: "NONE", ...comment },
  };
  const outcome = await handleCommand(
    aContext({
      event: parsePayload("issue_comment", event, null),
      github: {
        apiUrl: github.url,
        serverUrl: github.webUrl,
        token: github.jobToken(shop, jobRights),
      },
    }),
  );
  return outcome.conclusion;
}

function writes(): readonly string[] {
  return github.calls.flatMap(({ method, path }) =>
    method === "GET" || path === "/graphql" ? [] : [`${method} ${path}`],
  );
}

/** T11: what an account may do is what the host says of it, and nothing that stands in a payload or a text. */
describe("a stranger who says to be somebody else", () => {
  test("has more than 50 ways to say it", () => {
    expect(new Set(spoofs.map(({ what }) => what)).size).toBeGreaterThan(50);
  });

  test.each(spoofs.map((spoof) => [spoof.what, spoof] as const))(
    "commands nothing by %s",
    async (_what, spoof) => {
      const from = writes().length;

      const outcomes = [
        await commanded(spoof, "/skein pause").catch(() => "refused"),
        await commanded(spoof, "/skein assign @mallory").catch(() => "refused"),
      ];

      expect(outcomes.every((each) => each === "skipped" || each === "refused")).toBe(true);
      expect(writes().slice(from)).toEqual([]);
    },
  );

  test("while whom they mean commands by the same words", async () => {
    const sender = (await payloadOf(github, "grace", { action: "created" }))["sender"];

    const outcome = await commanded({ what: "", user: Object(sender) }, "/skein assign @grace");

    expect(outcome).toBe("success");
    expect(writes()).not.toEqual([]);
  });
});

import type { StoredProject } from "../project.ts";
import { accessErrors, isRole, isTokenId, stateOf } from "../../core/access/index.ts";
import type { Token, TokenId } from "../../core/access/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { isoTime } from "../../core/base/iso.ts";
import type { Actor } from "../../core/base/ids.ts";
import type { JsonObject } from "../../core/base/json.ts";
import { needYes } from "../asking.ts";
import type { Answer, Call } from "../command.ts";
import { cliErrors } from "../errors.ts";
import { tableLines } from "../output.ts";
import { didYouMean } from "../program.ts";
import { whoCalls, withStore } from "../project.ts";
import { parseSpan } from "../since.ts";
import { clip, isoOrNull } from "../views.ts";

/** `skein token create --role agent --expires 30d`: the text of the token is printed once and kept nowhere. */
export async function createToken(call: Call): Promise<Answer> {
  const role = call.options.text("role") ?? "agent";
  const expires = call.options.text("expires");
  const expiresInMs = expires === null ? null : parseSpan(expires, "--expires");
  return withStore(call, async (project) => {
    const by = await personOf(call, project);
    const { skein } = project;
    const { token, text } = await skein.store.write((tx) =>
      skein.access.tokens.create(tx, {
        role: isRole(role) ? role : "agent",
        name: call.options.text("name"),
        expiresInMs,
        by,
      }),
    );
    if (!call.globals.json) {
      // Beside the output, which is the token alone: `skein token create > FILE` makes a file to use.
      call.io.warn(
        `${token.id} (${clip(token.name, 60)}) has the role ${token.role} until ${isoTime(token.expiresAtMs)}.`,
      );
      call.io.warn(
        "Keep it where nobody else reads; it is not shown again. Programs take it from SKEIN_TOKEN_FILE or SKEIN_TOKEN.",
      );
    }
    return { data: { token: tokenData(token, token.madeAtMs), secret: text }, lines: [text] };
  });
}

/** `skein token list [--all]`. */
export async function listTokens(call: Call): Promise<Answer> {
  return withStore(call, async ({ skein }) => {
    const { tokens, nowMs } = await skein.store.read(async (reader) => ({
      tokens: await skein.access.tokens.list(reader),
      nowMs: reader.nowMs,
    }));
    const shown = call.options.flag("all")
      ? tokens
      : tokens.filter((token) => stateOf(token, nowMs) === "good");
    return {
      data: { tokens: shown.map((token) => tokenData(token, nowMs)) },
      lines:
        shown.length === 0
          ? ["No tokens."]
          : tableLines(
              ["TOKEN", "NAME", "ROLE", "STATE", "EXPIRES", "LAST USED"],
              shown.map((token) => rowOf(token, nowMs)),
            ),
    };
  });
}

function rowOf(token: Token, nowMs: number): readonly string[] {
  const { id, name, role, expiresAtMs, lastUsedAtMs } = token;
  const used = lastUsedAtMs === null ? "never" : isoTime(lastUsedAtMs);
  return [id, clip(name, 40), role, stateOf(token, nowMs), isoTime(expiresAtMs), used];
}

/** `skein token revoke TOKEN`. */
export async function revokeToken(call: Call): Promise<Answer> {
  const [named = ""] = call.args;
  return withStore(call, async (project) => {
    const by = await personOf(call, project);
    const { skein } = project;
    const token = await needToken(project, named);
    const said = `${token.id} (${clip(token.name, 60)}, ${token.role})`;
    const { nowMs } = await skein.store.read(async (reader) => ({ nowMs: reader.nowMs }));
    if (call.options.flag("dryRun")) {
      return {
        data: { dry_run: true, token: tokenData(token, nowMs) },
        lines: [`Would revoke ${said}. Nothing was changed.`],
      };
    }
    await needYes(call, `Revoke ${said}?`);
    await skein.store.write((tx) => skein.access.tokens.revoke(tx, token.id, by));
    const now = await needToken(project, token.id);
    return {
      data: { token: tokenData(now, nowMs) },
      lines: [`${said} is revoked.`],
    };
  });
}

async function needToken({ skein }: StoredProject, named: string): Promise<Token> {
  const tokens = await skein.store.read((reader) => skein.access.tokens.list(reader));
  const id: TokenId | null = isTokenId(named) ? named : null;
  const found = tokens.find((token) => token.id === id);
  if (found === undefined) {
    throw didYouMean(
      new SkeinError(accessErrors.noToken, {
        message: `There is no token ${JSON.stringify(named)}.`,
        facts: { token: named },
      }),
      named,
      tokens.map((token) => token.id),
    );
  }
  return found;
}

/** Tokens are for people to give: an agent makes none, for itself or for another. @throws {SkeinError} SKN-8009. */
async function personOf(call: Call, project: StoredProject): Promise<Actor> {
  const { actor, session } = await whoCalls(call, project);
  if (session !== null) {
    throw new SkeinError(cliErrors.notAPerson, { facts: { session: session.id } });
  }
  return actor;
}

function tokenData(token: Token, nowMs: number): JsonObject {
  return {
    id: token.id,
    name: token.name,
    role: token.role,
    state: stateOf(token, nowMs),
    made_by: token.madeBy,
    made_at: isoTime(token.madeAtMs),
    expires_at: isoTime(token.expiresAtMs),
    revoked_at: isoOrNull(token.revokedAtMs),
    last_used_at: isoOrNull(token.lastUsedAtMs),
  };
}

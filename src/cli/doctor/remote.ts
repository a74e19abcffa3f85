import type { ServerClient, WholeAnswer } from "../../adapters/server/index.ts";
import { connectServer } from "../../compose-server.ts";
import type { ServerPlace } from "../../compose-server.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { ownText, parseLooseObject } from "../../core/base/loose-object.ts";
import { cleanLine } from "../../core/base/text.ts";
import { readVersion } from "../version.ts";
import { fine, trouble } from "./finding.ts";
import type { Finding, Patient } from "./finding.ts";

/** Looks at the server that coordinates this clone: whether it answers, is of this version, has the same time, and takes the token. */
export async function examineRemote(
  server: ServerPlace,
  env: Patient["env"],
): Promise<readonly Finding[]> {
  const client = connectServer(server, env);
  try {
    const health = await client.peek("/healthz");
    return [
      examineHealth(client, health),
      examineSkew(health),
      ...examineVersion(health),
      ...examineModels(health),
      await examineToken(client),
    ];
  } catch (error) {
    return [fromError("server", error)];
  } finally {
    client.close();
  }
}

function examineHealth({ address }: ServerClient, { status, text }: WholeAnswer): Finding {
  const word = ownText(parseLooseObject(text) ?? {}, "status");
  if (word === null) {
    return trouble("fail", "server", {
      what: `What answers at ${address.base} is not Skein (status ${String(status)}).`,
      why: "The address leads to another service, or to a proxy that answers by itself.",
      fix: "Run `skein init --url URL` with the right address.",
    });
  }
  return status === 200
    ? fine("server", `The server at ${address.base} is ready.`)
    : trouble("warn", "server", {
        what: `The server at ${address.base} is not ready: ${word}.`,
        why: "Its store does not answer, or it is about to end.",
        fix: "Look into the server's log and `/readyz`.",
      });
}

function examineVersion({ text }: WholeAnswer): readonly Finding[] {
  const theirs = ownText(parseLooseObject(text) ?? {}, "version");
  const own = readVersion();
  if (theirs === null) {
    return [];
  }
  return [
    theirs === own
      ? fine("server-version", `The server is of this version, ${own}.`)
      : trouble("warn", "server-version", {
          what: `The server is of version ${theirs}, this is ${own}.`,
          why: "Tools and commands may have other words there.",
          fix: "Install the same version on both.",
        }),
  ];
}

/** A server of an older version says nothing of them. */
function examineModels({ text }: WholeAnswer): readonly Finding[] {
  const word = ownText(parseLooseObject(text) ?? {}, "models");
  if (word === null) {
    return [];
  }
  return [
    word === "ok"
      ? fine("server-models", "The server has models for reviews and drafts of plans.")
      : trouble("note", "server-models", {
          what: `The server has no models that it may ask (${cleanLine(word, 20)}).`,
          why: "Reviews and drafts of plans through it fail with this code; all else works.",
          fix: "Name models in the server's own skein.yml as docs/models.md shows, and agree to their providers there (`skein models trust`).",
        }),
  ];
}

/** The header has whole seconds, and the way takes some time. */
const bearableSkewMs = 5_000;

function examineSkew({ headers }: WholeAnswer): Finding {
  const theirs = Date.parse(headers["date"] ?? "");
  const skewMs = Date.now() - theirs;
  return Number.isNaN(theirs) || Math.abs(skewMs) <= bearableSkewMs
    ? fine("server-clock", "The clocks of this machine and the server agree.")
    : trouble("warn", "server-clock", {
        what: `The clock of this machine is ${String(Math.round(Math.abs(skewMs) / 1_000))} s ${skewMs > 0 ? "ahead of" : "behind"} the server's.`,
        why: "Leases follow the server's clock; times that are shown here look wrong, and tokens may count as expired.",
        fix: "Let both set their clocks by NTP.",
      });
}

/** Asks something that everybody with a token may ask, and that changes nothing. */
async function examineToken(client: ServerClient): Promise<Finding> {
  try {
    await client.ask("api/v1/commands", {
      body: { command: ["explain"], arguments: ["SKN-0001"] },
      isRepeatable: true,
      patienceMs: 0,
      silenceMs: 5_000,
      signal: null,
    });
    return fine("server-token", "The server takes the token.");
  } catch (error) {
    return fromError("server-token", error);
  }
}

function fromError(id: string, error: unknown): Finding {
  if (error instanceof SkeinError) {
    const { code, message, why, fix } = error;
    return trouble("fail", id, { what: `${code} ${message}`, why, fix });
  }
  throw error;
}

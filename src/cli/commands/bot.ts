import { createPrivateKey } from "node:crypto";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { createSecrets } from "../../adapters/secrets/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { appErrors, handlers, startBot } from "../../bot/index.ts";
import type { BotOptions } from "../../bot/index.ts";
import type { Call, Options } from "../command.ts";
import { printRecord } from "../output.ts";
import { readVersion } from "../version.ts";

/** `skein bot`: runs the GitHub App until it is told to stop. */
export async function bot({ io, options, globals }: Call): Promise<number> {
  // Asked for first, so that a signal during the start is heard.
  const { signal } = io;
  const bound = await startBot({
    ...(await readOptions({ io, options })),
    write: (line) => {
      io.warn(line);
    },
  });
  if (globals.json) {
    printRecord({ port: bound.port }, io);
  } else {
    io.write(`skein bot listens on port ${String(bound.port)}\n`);
  }
  await untilAborted(signal);
  await bound.stop();
  return 0;
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  await new Promise<void>((done) => {
    if (signal.aborted) {
      done();
    }
    signal.addEventListener("abort", () => {
      done();
    });
  });
}

async function readOptions({
  io,
  options,
}: Pick<Call, "io" | "options">): Promise<Omit<BotOptions, "write">> {
  const { appId, key, secret } = neededOptions(options);
  const secrets = createSecrets({ env: io.env, home: homedir() });
  const next = options.text("nextWebhookSecret");
  const named = [
    { reference: secret, flag: "--webhook-secret" },
    ...(next === null ? [] : [{ reference: next, flag: "--next-webhook-secret" }]),
  ];
  const serverUrl = addressOf(options.text("githubUrl") ?? "https://github.com");
  const publicUrl = options.text("publicUrl");
  return {
    host: options.text("host") ?? "127.0.0.1",
    port: options.number("port") ?? 3_000,
    dataDir: resolve(io.cwd, options.text("data") ?? join(homedir(), ".skein-bot")),
    publicUrl: publicUrl === null ? null : addressOf(publicUrl),
    appId,
    privateKey: readableKey(await secrets.resolve(key, "with --private-key")),
    webhookSecrets: await Promise.all(
      named.map(async ({ reference, flag }) => secrets.resolve(reference, `with ${flag}`)),
    ),
    serverUrl,
    apiUrl: serverUrl === "https://github.com" ? "https://api.github.com" : `${serverUrl}/api/v3`,
    userAgent: `skein/${readVersion()}`,
    env: without(io.env, [key, ...named.map(({ reference }) => reference)]),
    handlers,
  };
}

interface Needed {
  readonly appId: number;
  /** References to both secrets. */
  readonly key: string;
  readonly secret: string;
}

/** @throws {SkeinError} SKN-1691 with all that are missing, so that nobody is told of them one by one. */
function neededOptions(options: Options): Needed {
  const appId = options.number("appId");
  const key = options.text("privateKey");
  const secret = options.text("webhookSecret");
  if (appId !== null && key !== null && secret !== null) {
    return { appId, key, secret };
  }
  const given = { "--app-id": appId, "--private-key": key, "--webhook-secret": secret };
  const missing = Object.entries(given).flatMap(([flag, value]) => (value === null ? [flag] : []));
  throw new SkeinError(appErrors.badOption, {
    message: `\`skein bot\` needs ${missing.join(", ")}.`,
    facts: { options: missing },
  });
}

/** A key that signs nothing is told at the start, and not with the first delivery. @throws {SkeinError} SKN-1691, without the key. */
function readableKey(pem: string): string {
  try {
    createPrivateKey(pem);
    return pem;
  } catch {
    // The foreign error may hold the key.
    throw new SkeinError(appErrors.badOption, {
      message: "The private key of the GitHub App cannot be read.",
      cause: "What --private-key names is no private key in PEM.",
      fix: "Give the file that GitHub gave when the key was made, from its first line to its last.",
    });
  }
}

/** Without a slash at its end. */
function addressOf(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/u.test(new URL(text).protocol)) {
    throw new SkeinError(appErrors.badOption, {
      message: "An address is as `https://bot.example`.",
      facts: { address: text },
    });
  }
  return text.replace(/\/+$/u, "");
}

/** Handlers and what they start do not see the App's own secrets. */
function without(env: BotOptions["env"], references: readonly string[]): BotOptions["env"] {
  const hidden = new Set(references.map((reference) => reference.replace(/^env:/u, "")));
  return Object.fromEntries(Object.entries(env).filter(([name]) => !hidden.has(name)));
}

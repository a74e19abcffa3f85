import { publisherOf } from "../../adapters/process/publisher.ts";
import { systemTimer } from "../../adapters/process/timer.ts";
import { createRedactor, secretsOfEnvironment } from "../../adapters/secrets/index.ts";
import {
  createAwayMark,
  createSend,
  createServerClient,
  parseServerAddress,
  serverErrors,
} from "../../adapters/server/index.ts";
import { needRepository, openProject, plainProjectName, usesDatabase } from "../../compose.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { parseLedger, readPublication } from "../../core/rules/index.ts";
import type { Ledger, Publication } from "../../core/rules/index.ts";
import { storeErrors } from "../../core/store/index.ts";
import type { BotContext } from "../context.ts";
import type { Workplace } from "../workplace.ts";

/** What is known of the leases at this moment; `unasked` where nobody was to be asked, `silent` where nobody answered. */
export type LiveLedger =
  | { readonly kind: "live"; readonly ledger: Ledger }
  | { readonly kind: "unasked" }
  | { readonly kind: "silent"; readonly why: string };

/** Reads the leases where they are kept: at the server that the workflow names, or in the database of the App. */
export async function readLiveLedger(context: BotContext, place: Workplace): Promise<LiveLedger> {
  const source = sourceOf(context, place);
  if (source === null) {
    return { kind: "unasked" };
  }
  try {
    const publications = await source.read();
    if (publications === null) {
      return { kind: "unasked" };
    }
    const [first] = publications;
    return first === undefined
      ? silent(context, `${source.name} knows no ledger`)
      : { kind: "live", ledger: await withoutSecrets(publications, context) };
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof SkeinError)) {
      throw error;
    }
    if (error.code === storeErrors.noProject.code) {
      return { kind: "unasked" };
    }
    // What a server says of itself is not told on: its code is enough.
    return silent(context, `${source.name} did not tell its leases (${error.code})`);
  }
}

interface Source {
  readonly name: string;
  /** Null: no agent has ever worked there, so that it is not where leases are. */
  readonly read: () => Promise<readonly Publication[] | null>;
}

function sourceOf(context: BotContext, place: Workplace): Source | null {
  const { wishes, cwd, env, isDurable } = context;
  const { serverUrl } = wishes;
  if (serverUrl !== null) {
    return { name: "The server of `skein-url`", read: async () => askServer(context, serverUrl) };
  }
  return isDurable && cwd !== null && usesDatabase(needRepository(cwd), env)
    ? { name: "The database", read: async () => readDatabase({ ...context, cwd }, place) }
    : null;
}

function silent({ log }: BotContext, what: string): LiveLedger {
  const why = `${what}: what is published counts in its stead.`;
  log.warn(why);
  return { kind: "silent", why };
}

/** How long a job waits, in milliseconds: for a word, for a server that has too much to do (which names 5 seconds), and in all. */
const silenceMs = 5_000;
const patienceMs = 7_000;
const wholeMs = 15_000;

async function askServer(
  { env, signal }: BotContext,
  serverUrl: string,
): Promise<readonly Publication[]> {
  const token = env["SKEIN_TOKEN"] ?? "";
  if (token === "") {
    // Runs of forks are given no secrets.
    throw new SkeinError(serverErrors.noToken);
  }
  const address = parseServerAddress(serverUrl);
  const client = createServerClient({
    address,
    sending: createSend(),
    token: async () => Promise.resolve(token),
    timer: systemTimer,
    chance: Math.random,
    away: createAwayMark({ storeDir: null, origin: address.origin, nowMs: Date.now }),
  });
  try {
    const answer = await client.ask("api/v1/ledger", {
      body: null,
      isRepeatable: true,
      patienceMs,
      silenceMs,
      signal: AbortSignal.any([signal, AbortSignal.timeout(wholeMs)]),
    });
    return parseLedger(JSON.stringify(answer)).publications;
  } finally {
    client.close();
  }
}

/**
 * What agents wrote into the database of this run. In an Action the project is the one that its job has joined; to the App it is that of the repository's
 * own name, whatever its settings say: they must not show another's leases.
 */
async function readDatabase(
  { cwd, env, event, database }: BotContext & { readonly cwd: string },
  { settings }: Workplace,
): Promise<readonly Publication[] | null> {
  const own =
    database === "open"
      ? env
      : { ...env, SKEIN_PROJECT: plainProjectName(event.repository.fullName) };
  const { skein, repository, storeDir } = await openProject({ cwd, env: own, settings });
  try {
    const sessions = await skein.store.read(async (reader) => skein.sessions.list(reader, "all"));
    if (sessions.length === 0) {
      return null;
    }
    const { caseInsensitive } = settings.leases;
    const publication = await readPublication(skein, {
      publisher: publisherOf(storeDir),
      repository: null,
      caseInsensitive: caseInsensitive === "auto" ? repository.ignoresCase : caseInsensitive,
    });
    return [publication];
  } finally {
    await skein.close();
  }
}

/** The words of agents go into a check that others read: they leave without what looks like a secret. */
async function withoutSecrets(
  publications: readonly Publication[],
  { env }: BotContext,
): Promise<Ledger> {
  const redactor = createRedactor({ known: () => secretsOfEnvironment(env) });
  const clean = async (publication: Publication): Promise<Publication> => {
    const reasons = publication.leases.map(({ reason }) => reason);
    const { text } = await redactor.redact(reasons.join("\n"));
    const redacted = text.split("\n");
    const leases = publication.leases.map((lease, index) => ({
      ...lease,
      reason: redacted[index] ?? "",
    }));
    return { ...publication, leases };
  };
  return { source: "live", publications: await Promise.all(publications.map(clean)) };
}

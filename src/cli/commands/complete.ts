import { hasStore, openProject } from "../../compose.ts";
import type { OpenProject } from "../../compose.ts";
import { locateRepository } from "../../adapters/git/index.ts";
import { catalog } from "../catalog.ts";
import type { Call, CommandSpec, WordKind } from "../command.ts";

/** `skein complete WORD...`: prints what may stand in the place of the last word, one a line. Never fails. */
export async function complete(call: Call): Promise<number> {
  const before = call.args.slice(0, -1);
  const last = call.args.at(-1) ?? "";
  const found = await candidates(before, last, call).catch(() => []);
  for (const word of found.filter((each) => each.startsWith(last))) {
    call.io.write(`${word}\n`);
  }
  return 0;
}

async function candidates(
  before: readonly string[],
  last: string,
  call: Call,
): Promise<readonly string[]> {
  const words = before.filter((word) => !word.startsWith("-"));
  const spec = commandAt(words);
  if (spec === null) {
    return nextWords(words);
  }
  const valueOf = optionAt(spec, before.at(-1) ?? "");
  if (valueOf !== null) {
    return valueOf.is === "choice"
      ? valueOf.of
      : namesOf(valueOf.is === "text" ? (valueOf.kind ?? "text") : "text", call);
  }
  if (last.startsWith("-")) {
    return [...spec.options.map(({ flags }) => longOf(flags)), ...everywhere];
  }
  const at = words.length - spec.name.split(" ").length;
  const argument = spec.args[Math.min(at, spec.args.length - 1)];
  if (spec.name === "completion") {
    return ["bash", "zsh", "fish", "powershell"];
  }
  return argument === undefined ? [] : namesOf(argument.kind, call);
}

const everywhere = [
  "--json",
  "--help",
  "--debug",
  "--no-color",
  "--no-input",
  "--url",
  "--db",
  "--project",
];

function commandAt(words: readonly string[]): CommandSpec | null {
  const named = new Set([words.slice(0, 2).join(" "), words[0] ?? ""]);
  return catalog.find(({ name }) => named.has(name)) ?? null;
}

/** The words that may follow where no command is named yet. */
function nextWords(words: readonly string[]): readonly string[] {
  const shown = catalog.filter(({ isHidden }) => isHidden !== true).map(({ name }) => name);
  const [group] = words;
  return group === undefined
    ? [...new Set(shown.map((name) => name.split(" ")[0] ?? name))]
    : shown
        .filter((name) => words.length === 1 && name.startsWith(`${group} `))
        .map((name) => name.slice(group.length + 1));
}

/** What the option right before stands for; null when it takes no value. */
function optionAt(
  { options }: CommandSpec,
  word: string,
): CommandSpec["options"][number]["value"] | null {
  const option = options.find(({ flags }) => longOf(flags) === word);
  return option === undefined || option.value.is === "flag" ? null : option.value;
}

function longOf(flags: string): string {
  return /--[\w-]+/u.exec(flags)?.[0] ?? flags;
}

async function namesOf(kind: WordKind, { io }: Call): Promise<readonly string[]> {
  if (kind === "text" || kind === "file") {
    return [];
  }
  if (kind === "code") {
    const { errorCatalog } = await import("../error-catalog.ts");
    return errorCatalog.map(({ code }) => code);
  }
  if (kind === "setting") {
    const { settingNames } = await import("../../settings/explain/names.ts");
    return settingNames([]).map(({ path }) => path.join("."));
  }
  const repository = locateRepository(io.cwd);
  if (repository === null || !hasStore(repository, io.env)) {
    return [];
  }
  const project = await openProject({ cwd: io.cwd, env: io.env });
  try {
    return await storedNames(kind, project);
  } finally {
    await project.skein.close();
  }
}

function storedNames(
  kind: Exclude<WordKind, "text" | "file" | "code" | "setting">,
  { skein }: OpenProject,
): Promise<readonly string[]> {
  return skein.store.read(async (reader) => {
    switch (kind) {
      case "task": {
        const tasks = await skein.plans.listTasks(reader, { limit: 2_000 });
        return tasks.flatMap(({ plan, id }) => [id, `${plan}/${id}`]);
      }
      case "plan":
        return (await skein.plans.listPlans(reader)).map(({ id }) => id);
      case "session":
        return (await skein.sessions.list(reader, "living")).map(({ id }) => id);
      case "lease":
        return (await skein.leases.list(reader)).map(({ id }) => id);
      case "approval":
        return (await skein.approvals.open(reader)).map(({ id }) => id);
      case "token":
        return (await skein.access.tokens.list(reader)).map(({ id }) => id);
      default:
        return kind satisfies never;
    }
  });
}

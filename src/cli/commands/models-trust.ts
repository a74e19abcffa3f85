import { SkeinError } from "../../core/base/errors.ts";
import { modelErrors } from "../../core/models/index.ts";
import {
  askedOf,
  committedModels,
  createProviderTrust,
  usedProviders,
} from "../../provider-trust.ts";
import type { AskedProvider } from "../../provider-trust.ts";
import { needYes } from "../asking.ts";
import type { Answer, Call } from "../command.ts";
import { callerOf, makingProject, whoCalls } from "../project.ts";

/** `skein models trust`: a person agrees to the providers of this repository, as they are written now. @throws {SkeinError} SKN-3752. */
export async function trustModels(call: Call): Promise<Answer> {
  // Also one that its host names and that has not joined.
  if (callerOf(call.io) !== null) {
    throw new SkeinError(modelErrors.trustByAgent);
  }
  return makingProject(call, async (project) => {
    const { actor } = await whoCalls(call, project);
    const { env } = call.io;
    const { repository } = project;
    const trust = createProviderTrust({ repository, env, actor });
    if (call.options.flag("revoke")) {
      await trust.replace([]);
      return answer([], ["Nothing is trusted here any more."]);
    }
    const providers = usedProviders(await committedModels(project, env));
    const asked = askedOf(providers);
    if ((await trust.missing(providers)).length === 0) {
      return answer(asked, [...asked.flatMap(linesOf), "Nothing is left to agree to."]);
    }
    for (const line of asked.flatMap(linesOf)) {
      call.io.warn(line);
    }
    await needYes(call, "Trust all of them in this repository, as they are written now?");
    await trust.replace(asked);
    return answer(asked, [`${String(asked.length)} trusted.`]);
  });
}

function linesOf({ name, fingerprint, reasons }: AskedProvider): readonly string[] {
  return [`${name}  ${fingerprint}`, ...reasons.map((reason) => `    ${reason}`)];
}

function answer(asked: readonly AskedProvider[], lines: readonly string[]): Answer {
  return {
    data: {
      trusted: asked.map(({ name, fingerprint, reasons }) => ({ name, fingerprint, reasons })),
    },
    lines,
  };
}

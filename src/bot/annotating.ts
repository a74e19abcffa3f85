import type { Annotation as CheckAnnotation } from "../core/hosting/index.ts";
import type { Annotation, AnnotationLevel, BotContext } from "./context.ts";

const levels: Readonly<Record<CheckAnnotation["level"], AnnotationLevel>> = {
  failure: "error",
  warning: "warning",
  notice: "notice",
};

/**
 * What a run says on lines. Where a check of ours says the same, the runner must not: GitHub would show each twice on the line. It marks lines of the
 * run's own commit, which is the head for events of a pull request or a merge queue alone.
 */
export function annotationsFor(
  { event, wishes }: BotContext,
  { annotations, hasCheck }: Annotating,
): readonly Annotation[] {
  const isOfHead = event.kind === "pull-request" || event.kind === "merge-group";
  const isShown = !isOfHead || (hasCheck && !wishes.isDryRun);
  return annotations.map(({ level, title, message, path, line, endLine }) => ({
    level: levels[level],
    title,
    message,
    path,
    startLine: line,
    endLine,
    isShown,
  }));
}

export interface Annotating {
  readonly annotations: readonly CheckAnnotation[];
  /** True where a check could be written that has them. */
  readonly hasCheck: boolean;
}

import { defineErrors } from "../base/errors.ts";

/** What can go wrong with paths and leases. */
export const leaseErrors = defineErrors({
  pathLength: {
    code: "SKN-1501",
    kind: "usage",
    title: "A path is empty or longer than 1,024 bytes.",
    cause: "A pattern names files below the repository root, in at most 1,024 bytes of UTF-8.",
    fix: "Name a file, a directory ending in `/`, a glob, or `.` for the whole repository.",
  },
  pathOutside: {
    code: "SKN-1502",
    kind: "usage",
    title: "A path is not inside the repository.",
    cause:
      "Paths are relative to the repository root and use `/`: no leading `/`, `~` or drive letter, no `..`, no backslash.",
    fix: "Write the path from the repository root, as `src/price/rules.ts`.",
  },
  pathCharacter: {
    code: "SKN-1503",
    kind: "usage",
    title: "A path has a character that cannot be shown.",
    cause:
      "Control characters, invisible or direction-changing ones and broken Unicode make two paths look alike.",
    fix: "Remove the character, or rename the file.",
  },
  pathName: {
    code: "SKN-1504",
    kind: "usage",
    title: "A path has a name that Skein refuses.",
    cause:
      "`.git`, device names (CON, NUL, COM1, …), names that end in a dot or a space and NTFS streams mean other files on some systems.",
    fix: "Leave that path out of the request.",
  },
  globSyntax: {
    code: "SKN-1505",
    kind: "usage",
    title: "A glob cannot be read.",
    cause: "A `[` or `{` is not closed, a range runs backwards, or a class holds a `/` or nothing.",
    fix: "Close the bracket or brace; a file whose name has such characters is meant when it exists.",
  },
  globTooWide: {
    code: "SKN-1506",
    kind: "usage",
    title: "A glob stands for too many alternatives.",
    cause: "`{a,b}` may expand to at most 64 patterns with 2,048 characters together.",
    fix: "Split it into several patterns, or name the common directory.",
  },
  negation: {
    code: "SKN-1507",
    kind: "usage",
    title: "A pattern begins with `!`.",
    cause: "Leases only name what is held; there is no negation.",
    fix: "Name the paths you need instead of those you do not.",
  },
  pathUnseen: {
    code: "SKN-1509",
    kind: "usage",
    title: "A path cannot be looked at.",
    cause:
      "A name in it is longer than this disk can hold, a link on the way leads to itself, or a folder on the way is closed.",
    fix: "Correct the path, or mend what stands there.",
  },
  tooManyGlobsPlanned: {
    code: "SKN-1510",
    kind: "usage",
    title: "A plan has too many globs.",
    cause:
      "Every search for work holds the paths of tasks against what is held, so the globs of a task count at most 256, and a plan has at most 100,000, which count at most 20,000 beyond one each. One with more than 16 signs in segments with wildcards counts several times.",
    fix: "Name directories and files instead of globs, or make several tasks or plans.",
  },
  nothingAsked: {
    code: "SKN-1508",
    kind: "usage",
    title: "A request names no path, or more than 256.",
    cause: "A lease holds between 1 and 256 patterns.",
    fix: "Name at least one path; name directories or globs instead of very many files.",
  },
  cannotHandOver: {
    code: "SKN-4501",
    kind: "conflict",
    title: "This lease cannot be handed over.",
    cause:
      "It has ended, belongs to a task's claim, awaits integration, or is the receiver's already.",
    fix: "Look at the lease first; a task is handed over as a whole with `skein task reassign`.",
  },
  tooManyGlobs: {
    code: "SKN-4502",
    kind: "conflict",
    title: "A session holds too many globs.",
    cause:
      "Every question about a path is held against every glob around it, so a session holds at most 256 beyond those of its tasks. One with more than 16 signs in segments with wildcards counts several times.",
    fix: "Release some (`release_files`, `skein lease release`), or name directories and files instead of globs.",
  },
  noLease: {
    code: "SKN-5501",
    kind: "missing",
    title: "There is no such lease.",
    cause: "The id is misspelt, or the lease ended long ago and was archived.",
    fix: "List the leases with `skein lease list`.",
  },
  noHolder: {
    code: "SKN-5502",
    kind: "missing",
    title: "There is no such living session to hold a lease.",
    cause: "The session has ended or never joined.",
    fix: "List the sessions with `skein session list`.",
  },
  tooManyGlobsAround: {
    code: "SKN-7502",
    kind: "unavailable",
    title: "Too many globs are held around these paths.",
    cause:
      "Every question about a path is held against every glob around it, so at most 1,000 lie around any one path. One with more than 16 signs in segments with wildcards counts several times.",
    fix: "Name directories and files instead of globs, or ask again when others have released theirs (`skein lease list`).",
  },
  tooManyLeases: {
    code: "SKN-7503",
    kind: "unavailable",
    title: "The project holds as many leases as it may.",
    cause:
      "`limits.leases` bounds how much of a server one project takes; leases of tasks do not count.",
    fix: "Release some (`release_files`, `skein lease release`), name directories instead of many files, or raise the limit in the server's skein.yml.",
  },
  tooManyWaiting: {
    code: "SKN-7501",
    kind: "unavailable",
    title: "Too many sessions wait for paths.",
    cause:
      "At most 200 sessions queue for paths in one project, with at most 1,000 globs together.",
    fix: "Take other work and ask again later.",
  },
});

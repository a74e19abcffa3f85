export { commitNamed, readChangeFacts } from "./change-facts.ts";
export type { ChangeFacts, CommitRange } from "./change-facts.ts";
export { readChange } from "./changes-for-review.ts";
export type { ChangeRequest } from "./changes-for-review.ts";
export { dirtyPaths, stagedPaths, touchedPaths } from "./changes.ts";
export type { ChangedPath } from "./changes.ts";
export type { CheckCommand } from "./checks.ts";
export { readCommitted } from "./committed.ts";
export { defaultBranch } from "./default-branch.ts";
export { gitErrors } from "./errors.ts";
export { createGit } from "./git.ts";
export type { Git, GitDeps, GitResult, GitRun } from "./git.ts";
export {
  fetchLedger,
  keepLedger,
  publishLedger,
  readLedgerRef,
} from "./ledger-ref.ts";
export type { Published } from "./ledger-ref.ts";
export { locateRepository } from "./locate.ts";
export type { Repository } from "./locate.ts";
export { createRemoteGit } from "./remote-git.ts";
export type { RemoteGitDeps } from "./remote-git.ts";
export { placeOf, toRepoPath } from "./repo-path.ts";
export type { PathInRepository, PathPlace } from "./repo-path.ts";
export { createWorkspace } from "./workspace.ts";
export type { WorkspaceDeps } from "./workspace.ts";

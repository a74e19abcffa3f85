import { auditCommands } from "./catalog/audit.ts";
import { botCommands } from "./catalog/bot.ts";
import { configCommands } from "./catalog/config.ts";
import { costCommands } from "./catalog/costs.ts";
import { databaseCommands } from "./catalog/database.ts";
import { githubCommands } from "./catalog/github.ts";
import { githubSyncCommands } from "./catalog/github-sync.ts";
import { modelCommands } from "./catalog/models.ts";
import { planCommands } from "./catalog/plan.ts";
import { repositoryCommands } from "./catalog/repository.ts";
import { reviewCommands } from "./catalog/review.ts";
import { rulesCommands } from "./catalog/rules.ts";
import { serveCommands } from "./catalog/serve.ts";
import { sessionCommands } from "./catalog/session.ts";
import { storeCommands } from "./catalog/store.ts";
import { taskCommands } from "./catalog/task.ts";
import { tokenCommands } from "./catalog/token.ts";
import { watchCommands } from "./catalog/watch.ts";
import type { CommandSpec } from "./command.ts";

/** Every command. Only its words are here; its code is loaded when it runs. */
export const catalog: readonly CommandSpec[] = [
  ...repositoryCommands,
  ...configCommands,
  ...watchCommands,
  ...planCommands,
  ...taskCommands,
  ...reviewCommands,
  ...rulesCommands,
  ...githubCommands,
  ...githubSyncCommands,
  ...sessionCommands,
  ...tokenCommands,
  ...modelCommands,
  ...costCommands,
  ...storeCommands,
  ...auditCommands,
  ...serveCommands,
  ...databaseCommands,
  ...botCommands,
];

/** What the commands of two words are about. */
export const groups: Readonly<Record<string, string>> = {
  config: "what holds here, and why",
  plan: "bring plans in and steer them",
  task: "look at tasks and steer them",
  review: "review a change, and look at reviews",
  rules: "what must hold before a branch goes in",
  github: "keep GitHub and this project in step",
  lease: "see and hold paths",
  session: "see who works, and end a session",
  message: "talk to sessions",
  audit: "prove that the log is what it was",
  token: "let agents and people in over a server",
  usage: "what models used, from the records of the agents' hosts",
  models: "the models that review and plan",
  db: "look at a database server and bring it up to date",
  project: "the projects in a database",
};

import type { ArgumentSpec, CommandSpec } from "../command.ts";
import { dryRun, yes } from "./words.ts";

const name: ArgumentSpec = {
  name: "name",
  summary: "as acme/shop",
  kind: "text",
  count: "one",
};

export const databaseCommands: readonly CommandSpec[] = [
  {
    name: "db status",
    summary:
      "tell the database's engine, schema, size, connections and projects; ends with 1 when steps are left",
    args: [],
    options: [],
    load: async () => (await import("../commands/db.ts")).status,
  },
  {
    name: "db migrate",
    summary: "bring the database's schema up to date",
    args: [],
    options: [],
    load: async () => (await import("../commands/db.ts")).migrate,
  },
  {
    name: "project list",
    summary: "list the projects in the database",
    args: [],
    options: [],
    load: async () => (await import("../commands/project.ts")).list,
  },
  {
    name: "project add",
    summary: "add a project to the database",
    args: [name],
    options: [],
    load: async () => (await import("../commands/project.ts")).add,
  },
  {
    name: "project remove",
    summary: "remove a project with all of its rows from the database, for good",
    args: [name],
    options: [yes, dryRun],
    load: async () => (await import("../commands/project.ts")).remove,
  },
];

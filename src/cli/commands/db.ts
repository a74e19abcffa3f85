import { withDatabase } from "../../compose-database.ts";
import type { Answer, Call } from "../command.ts";
import { withProject } from "../project.ts";
import type { DatabaseStatus } from "../../core/store/index.ts";
import { databaseRequest } from "../store-place.ts";
import { counted } from "../counted.ts";

/** `skein db status`: what the database is and what is left to do; changes nothing on a server. Ends with 1 when something is left. */
export async function status(call: Call): Promise<Answer> {
  const request = await databaseRequest(call);
  return request === null
    ? fileStatus(call)
    : withDatabase(request, async (projects, { shown }) => {
        const found = await projects.status();
        const isCurrent = found.schemaVersion === found.knownVersion;
        return {
          data: {
            kind: "postgres",
            address: shown,
            engine: found.engine,
            schema: found.schemaVersion,
            known_schema: found.knownVersion,
            pending: found.pending.map(({ version, name }) => ({ version, name })),
            size_bytes: found.sizeBytes,
            connections_used: found.connections.used,
            connections_allowed: found.connections.allowed,
            connections_own: request.settings.store.connections,
            standby: found.isStandby,
            projects: found.projects,
          },
          lines: [
            `${found.engine} at ${shown}${found.isStandby ? ", a standby that takes no writes" : ""}`,
            schemaLine(found),
            ...found.pending.map(({ version, name }) => `  to do: ${String(version)} ${name}`),
            `${kilobytes(found.sizeBytes)} in ${counted(found.projects.length, "project")}.`,
            `${String(found.connections.used)} of ${counted(found.connections.allowed, "connection")} of the server ${found.connections.used === 1 ? "is" : "are"} in use; a process of ours opens at most ${String(request.settings.store.connections)}.`,
          ],
          exitCode: isCurrent ? 0 : 1,
        };
      });
}

type Schema = Pick<DatabaseStatus, "schemaVersion" | "knownVersion">;

function schemaLine({ schemaVersion, knownVersion }: Schema): string {
  const line = `Schema ${String(schemaVersion)}; this Skein knows up to ${String(knownVersion)}`;
  return schemaVersion > knownVersion
    ? `${line}, refuses it (SKN-7106), and has to be updated.`
    : `${line}.`;
}

/** A file is brought up to date whenever it is opened. */
async function fileStatus(call: Call): Promise<Answer> {
  return withProject(call, async ({ skein, place }) => {
    const health = await skein.store.maintenance.health("quick");
    const file = place.kind === "sqlite" ? place.file : "";
    return {
      data: {
        kind: "sqlite",
        address: file,
        engine: health.engine,
        schema: health.schemaVersion,
        known_schema: health.schemaVersion,
        pending: [],
        size_bytes: health.sizeBytes,
        connections_used: null,
        connections_allowed: null,
        connections_own: null,
        standby: false,
        projects: [skein.store.project],
      },
      lines: [
        `${health.engine} in ${file}`,
        `Schema ${String(health.schemaVersion)}, ${kilobytes(health.sizeBytes)}.`,
      ],
    };
  });
}

async function fileMigrated(call: Call): Promise<Answer> {
  return withProject(call, async ({ skein }) => {
    const { schemaVersion } = await skein.store.maintenance.health("quick");
    return {
      data: { from: schemaVersion, to: schemaVersion, steps: [] },
      lines: [`The schema is up to date: ${String(schemaVersion)}.`],
    };
  });
}

function kilobytes(bytes: number): string {
  return `${String(Math.ceil(bytes / 1_024))} KB`;
}

/** `skein db migrate`: brings the schema up to date. Programs of the version before go on beside it. */
export async function migrate(call: Call): Promise<Answer> {
  const request = await databaseRequest(call);
  return request === null
    ? fileMigrated(call)
    : withDatabase(request, async (projects) => {
        const before = await projects.status();
        await projects.migrate();
        const after = await projects.status();
        return {
          data: {
            from: before.schemaVersion,
            to: after.schemaVersion,
            steps: before.pending.map(({ version, name }) => ({ version, name })),
          },
          lines:
            before.pending.length === 0
              ? [`The schema is up to date: ${String(after.schemaVersion)}.`]
              : before.pending.map(({ version, name }) => `done: ${String(version)} ${name}`),
        };
      });
}

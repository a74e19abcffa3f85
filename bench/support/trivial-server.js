// The least a server with the SDK can do: one tool that writes one row. Plain JavaScript, so that no types are stripped at its start.
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import Database from "better-sqlite3";
import * as z from "zod";

const db = new Database(process.argv[2]);
db.exec("PRAGMA journal_mode = WAL");
// The driver would choose NORMAL: a tool that does not wait for the disk is no measure for one that does.
db.exec(`PRAGMA synchronous = ${process.argv[3] === "normal" ? "NORMAL" : "FULL"}`);
db.exec("CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)");
const insert = db.prepare("INSERT INTO notes (text) VALUES (?)");

serveStdio(() => {
  const server = new McpServer({ name: "trivial", version: "1.0.0" });
  server.registerTool(
    "note",
    {
      description: "Writes a note.",
      inputSchema: z.object({ text: z.string() }),
      outputSchema: z.object({ id: z.number() }),
    },
    ({ text }) => {
      const id = Number(insert.run(text).lastInsertRowid);
      return { content: [{ type: "text", text: `Note ${id}` }], structuredContent: { id } };
    },
  );
  return server;
});

// The least a server with the SDK can do over HTTP: one tool that writes one row. Plain JavaScript, so that no types are stripped at its start.
import { createServer } from "node:http";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import Database from "better-sqlite3";
import * as z from "zod";

const db = new Database(process.argv[2]);
db.exec("PRAGMA journal_mode = WAL");
// The driver would choose NORMAL: a tool that does not wait for the disk is no measure for one that does.
db.exec("PRAGMA synchronous = FULL");
db.exec("CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)");
const insert = db.prepare("INSERT INTO notes (text) VALUES (?)");

const handle = toNodeHandler(
  createMcpHandler(() => {
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
  }),
);
const http = createServer((request, response) => void handle(request, response));
http.listen(0, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${String(http.address().port)}/mcp\n`);
});

import * as z from "zod";
import { SkeinError } from "../../core/base/errors.ts";
import { isSessionId, sessionActor } from "../../core/base/ids.ts";
import type { Audience } from "../../core/messages/index.ts";
import type { Skein } from "../../core/index.ts";
import type { Reader } from "../../core/store/index.ts";
import { mcpErrors } from "../errors.ts";
import { keyField, sessionField } from "../fields.ts";
import { inSession } from "../in-session.ts";
import { defineTool } from "../tool.ts";

const sentFields = {
  id: z.string(),
  thread: z.string(),
  recipients: z.int(),
  at_next_call: z.int(),
  when_woken: z.int(),
};

const sentShape = z.object(sentFields);

export const sendMessage = defineTool({
  name: "send_message",
  title: "Send a message",
  description:
    "Writes to another session, a role or all; read with their next Skein call. Tells whom it reaches. It informs and gives no orders.",
  effect: "appends",
  input: z.strictObject({
    session: sessionField,
    to: z.string().min(1).max(100).describe("s3, a name, role:reviewer or all"),
    text: z.string().min(1).max(4_096),
    thread: z.string().max(40).describe("Id of a message to go on from").optional(),
    expires_minutes: z.number().min(1).max(100_000).optional(),
    key: keyField,
  }),
  output: z.strictObject({ session: z.string(), ...sentFields, next: z.string() }),
  run: async (skein, input, { caller }) => {
    const { session: _, key = null, ...args } = input;
    const call = { caller, key, operation: "send_message", args: JSON.stringify(args) };
    const { standing, result } = await inSession(skein, call, async (tx, { session }) => {
      const reach = await skein.messages.send(tx, {
        from: session.id,
        fromName: session.name,
        actor: sessionActor(session.id),
        to: await audienceOf(skein, tx, input.to),
        text: input.text,
        thread: input.thread ?? null,
        expiresInMs:
          input.expires_minutes === undefined ? null : Math.round(input.expires_minutes * 60_000),
        cause: null,
      });
      const { message, recipients, atNextCall, whenWoken } = reach;
      return {
        id: message.id,
        thread: message.thread,
        recipients,
        at_next_call: atNextCall,
        when_woken: whenWoken,
      };
    });
    const sent = sentShape.parse(result);
    return {
      session: standing.handle,
      ...sent,
      next:
        sent.recipients === 0
          ? "Nobody is there to read it now."
          : 'Answers come with next_task and look {at: "inbox"}.',
    };
  },
});

async function audienceOf(skein: Skein, reader: Reader, to: string): Promise<Audience> {
  if (to === "all") {
    return { kind: "all" };
  }
  if (to.startsWith("role:")) {
    return { kind: "role", role: to.slice("role:".length) };
  }
  if (isSessionId(to)) {
    return { kind: "session", session: to };
  }
  const found = await skein.sessions.find(reader, to);
  if (found === null) {
    const living = await skein.sessions.list(reader, "living");
    const alike = living.filter(({ name }) => name === to).map(({ id }) => id);
    throw new SkeinError(mcpErrors.nothingThere, {
      message:
        alike.length === 0
          ? `No living session is called ${JSON.stringify(to.slice(0, 60))}.`
          : `Several living sessions are called ${JSON.stringify(to.slice(0, 60))}: ${alike.slice(0, 10).join(", ")}.`,
      fix: 'Name a session id from look {at: "sessions"}, role:NAME or all.',
    });
  }
  return { kind: "session", session: found.id };
}

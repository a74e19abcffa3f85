import { isAtLeast } from "../../core/access/index.ts";
import { isoTime } from "../../core/base/iso.ts";
import type { Skein } from "../../core/index.ts";
import { audienceText, parseAudience } from "../../core/messages/index.ts";
import type { Audience, Message } from "../../core/messages/index.ts";
import type { Answer, Call } from "../command.ts";
import { readGiven } from "../files.ts";
import { whoCalls, withStore } from "../project.ts";
import { findLiving } from "../sessions.ts";
import { clip, messageData } from "../views.ts";
import { counted } from "../counted.ts";

/** What is read from standard input before core judges the text. */
const largestInput = 65_536;

/** `skein message send TEXT --to AUDIENCE`. */
export async function sendMessage(call: Call): Promise<Answer> {
  const [given = ""] = call.args;
  const text = given === "-" ? await readGiven("-", largestInput, call.io) : given;
  return withStore(call, async (project) => {
    const { skein } = project;
    const who = await whoCalls(call, project);
    const to = await audienceOf(skein, call.options.text("to") ?? "all");
    const minutes = call.options.number("minutes");
    const reach = await skein.store.write((tx) =>
      skein.messages.send(tx, {
        from: who.session?.id ?? null,
        fromName: who.session?.name ?? speakerOf(who.person ?? "", call),
        actor: who.actor,
        to,
        text,
        thread: call.options.text("thread"),
        expiresInMs: minutes === null ? null : minutes * 60_000,
        cause: null,
      }),
    );
    const { message, recipients, atNextCall, whenWoken } = reach;
    return {
      data: {
        message: messageData(message),
        recipients,
        at_next_call: atNextCall,
        when_woken: whenWoken,
      },
      lines: [
        `${message.id} goes to ${counted(recipients, "session")}: ${String(atNextCall)} with the next call, ${String(whenWoken)} on waking.`,
      ],
    };
  });
}

/**
 * Who speaks that is no session: `person:ada`, so that no name passes for a session's, nor for Skein's own. A token that may not manage is as a rule an agent's,
 * and is called by its role.
 */
function speakerOf(name: string, { io }: Call): string {
  const role = io.within?.principal.role ?? "manager";
  return `${isAtLeast(role, "manager") ? "person" : role}:${name}`;
}

/** An audience as written, or a session by its name. */
async function audienceOf(skein: Skein, text: string): Promise<Audience> {
  return parseAudience(text) ?? { kind: "session", session: (await findLiving(skein, text)).id };
}

/** `skein message list`. */
export async function listMessages(call: Call): Promise<Answer> {
  return withStore(call, async ({ skein }) => {
    const limit = call.options.number("limit") ?? 50;
    const messages = await readLast(skein, limit);
    return {
      data: { messages: messages.map(messageData) },
      lines: messages.length === 0 ? ["No messages."] : messages.map(messageLine),
    };
  });
}

/** The last messages, oldest first. */
async function readLast(skein: Skein, limit: number): Promise<readonly Message[]> {
  return skein.store.read(async (reader) => {
    let last: readonly Message[] = [];
    for (let after = 0; ;) {
      const page = await skein.messages.list(reader, { after, limit: 1_000 });
      last = [...last, ...page].slice(-limit);
      after = page.at(-1)?.order ?? after;
      if (page.length < 1_000) {
        return last;
      }
    }
  });
}

function messageLine({ id, sentAtMs, fromName, to, text }: Message): string {
  return `${id.padEnd(5)} ${isoTime(sentAtMs)}  ${clip(fromName, 40)} to ${audienceText(to)}: ${clip(text, 200)}`;
}

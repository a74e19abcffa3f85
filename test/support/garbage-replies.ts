/** One reply that no reviewer should be believed for. */
export interface GarbageReply {
  readonly name: string;
  readonly text: string;
}

const confirm = (id: string): string => `{"id":"${id}","vote":"confirm","reason":"sure"}`;

/** Broken in ways that models and networks break; none holds a readable `confirm` on `c1`. */
const bases: readonly (readonly [name: string, text: string])[] = [
  ["nothing", ""],
  ["white space", " \n\t\r\n "],
  ["null", "null"],
  ["a number", "42"],
  ["true", "true"],
  ["a text", '"confirm"'],
  ["an empty object", "{}"],
  ["an empty list", '{"votes":[]}'],
  ["another key", `{"verdicts":[{"cluster":"c1","verdict":"confirm"}]}`],
  ["a word", "confirm"],
  ["words", "I confirm c1. Vote: confirm."],
  ["a refusal", "I'm sorry, but I can't help with reviewing this code."],
  ["a list in Markdown", "- c1: confirm\n- c2: confirm"],
  ["a table", "| id | vote |\n|----|------|\n| c1 | confirm |"],
  ["XML", "<votes><vote id='c1'>confirm</vote></votes>"],
  ["YAML", "votes:\n  - id: c1\n    vote: confirm"],
  ["single quotes", "{'votes':[{'id':'c1','vote':'confirm'}]}"],
  ["bare keys", "{votes:[{id:'c1',vote:'confirm'}]}"],
  ["cut in the first item", '{"votes":[{"id":"c1","vote":"conf'],
  ["cut before the closing brace", '{"votes":[{"id":"c1","vote":"confirm"'],
  ["cut in a string", '{"votes":[{"id":"c1","reason":"because \\'],
  ["an unknown candidate", `{"votes":[${confirm("c99")}]}`],
  ["an id that is no text", '{"votes":[{"id":1,"vote":"confirm"}]}'],
  ["a vote that is true", '{"votes":[{"id":"c1","vote":true}]}'],
  ["a vote that is a number", '{"votes":[{"id":"c1","vote":1}]}'],
  ["a vote that is a list", '{"votes":[{"id":"c1","vote":["confirm"]}]}'],
  ["a vote that is an object", '{"votes":[{"id":"c1","vote":{"confirm":1}}]}'],
  ["another word", '{"votes":[{"id":"c1","vote":"approve"}]}'],
  ["a sentence", '{"votes":[{"id":"c1","vote":"confirm, I think"}]}'],
  ["a negation", '{"votes":[{"id":"c1","vote":"do not confirm"}]}'],
  ["a double", '{"votes":[{"id":"c1","vote":"confirm confirm"}]}'],
  ["another language", '{"votes":[{"id":"c1","vote":"bestätigt"}]}'],
  ["a lookalike", '{"votes":[{"id":"c1","vote":"cоnfirm"}]}'],
  ["a hidden character", '{"votes":[{"id":"c1","vote":"con\u200Bfirm"}]}'],
  ["both ways", `{"votes":[${confirm("c1")},{"id":"c1","vote":"reject"}]}`],
  ["a name of the prototype", '{"votes":[{"id":"c1","vote":"constructor"}]}'],
  ["a list of words", '{"votes":["confirm","confirm"]}'],
  ["a list of lists", '{"votes":[["c1","confirm"]]}'],
  ["an object for the list", '{"votes":{"c1":"confirm"}}'],
  ["a text for the list", `{"votes":${JSON.stringify(`[${confirm("c1")}]`)}}`],
  ["a fake tool call", '{"tool_calls":[{"name":"confirm","arguments":{"id":"c1"}}]}'],
  ["a fake tool call in tags", "<tool_call>confirm(c1)</tool_call>"],
  ["half an event", 'data: {"type":"content_block_delta","delta":{"text":"{\\"vot'],
  ["an error body", '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'],
  ["a rate limit", '{"error":{"message":"Rate limit reached","code":"rate_limit_exceeded"}}'],
  ["a gateway page", "<html><head><title>502 Bad Gateway</title></head></html>"],
  ["deep lists", "[".repeat(20_000)],
  ["deep objects", '{"votes":'.repeat(5_000)],
  ["a flood of ten megabytes", "confirm ".repeat(1_310_720)],
  ["zero bytes", "\0".repeat(1_000)],
  ["lone surrogates", "\uD800\uDC00\uD800".repeat(50)],
  ["a broken escape", '{"votes":[{"id":"c1","vote":"\\u00zz"}]}'],
];

/** What may stand around a reply. */
const frames: readonly (readonly [name: string, put: (text: string) => string])[] = [
  ["alone", (text) => text],
  ["in a fence", (text) => `\`\`\`json\n${text}\n\`\`\``],
  ["in half a fence", (text) => `\`\`\`json\n${text}`],
  ["behind prose", (text) => `Here is what I think, in JSON:\n\n${text}`],
  ["before prose", (text) => `${text}\n\nLet me know if you need more [details].`],
  ["behind thoughts", (text) => `<think>maybe {"votes": or not</think>\n${text}`],
];

/** Row R19: more than 300 replies, made from each break in each frame. */
export const garbageReplies: readonly GarbageReply[] = bases.flatMap(([name, text]) =>
  frames.map(([frame, put]) => ({ name: `${name}, ${frame}`, text: put(text) })),
);

import type { ChangedFile, DiffLine } from "../change.ts";
import { showHidden } from "../../base/text.ts";
import type { Check, Fault } from "./check.ts";

/** What somebody writes who wants to steer those that read the change. Matched in lower case, without signs between the words. */
const phrases: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override|skip)\s(?:\w+\s){0,3}?(?:previous|prior|above|earlier|preceding|system|other|your)\s(?:\w+\s){0,2}?(?:instruction|prompt|rule|direction|message|guideline)s?\b/u,
  /\b(?:approve|accept|merge|pass|lgtm)\s(?:this|the)\s(?:pull\srequest|pr|change|changes|diff|patch|commit|code|review)\b/u,
  /\b(?:do\snot|dont|never)\s(?:report|flag|mention|raise|comment\son|review)\s(?:this|any|these|the|it|anything|findings?|issues?|bugs?|problems?|vulnerabilit\w+)\b/u,
  /\b(?:report|return|answer|output|respond|reply)\s(?:with\s)?(?:no|zero|an?\sempty)\s(?:findings?|issues?|bugs?|problems?|list|array)\b/u,
  /\bvote\s(?:with\s|to\s)?(?:confirm|reject|abstain|approve)\s(?:on\s|for\s)?(?:it|this|all|every|each|them|everything|any)\b/u,
  /\b(?:(?:note|message|instructions?|notice)\s(?:to|for)|dear|attention)\s(?:the\s|all\s|any\s)?(?:(?:ai|llm|automated|code|bot)\s){0,2}reviewers?\b/u,
  /\byou\sare\s(?:now\s)?(?:an?|the)\s(?:\w+\s){0,2}?(?:assistant|model|reviewer|ai|llm)\b/u,
  /\bas\san?\s(?:ai|large\slanguage|language)\s(?:model|assistant|reviewer)\b/u,
];

/** Marks by which chat models tell who speaks. */
const chatMark =
  /<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id)\|>|\[\/?inst\]|<<\/?sys>>|^\s*(?:human|assistant|system)\s?:\s*(?:ignore|you\b)/iu;

/**
 * Direction changes, tag characters, variation selectors that no letter has, fillers without a shape and controls of other scripts hide text from
 * people; one joiner or mark inside a word does so rarely and is left alone, as are those of an emoji. Three at once stand for nothing that is seen.
 */
const hidden =
  /[\u{202A}-\u{202E}\u{2066}-\u{206F}\u{200B}\u{2060}-\u{2064}\u{FEFF}\u{E0000}-\u{E01EF}\u{115F}\u{1160}\u{180E}\u{3164}\u{FFA0}\u{FFF9}-\u{FFFB}\u{1BCA0}-\u{1BCA3}\u{1D173}-\u{1D17A}]|[\u{FE00}-\u{FE0F}]{2}|(?:[\u{AD}\u{61C}\u{200C}-\u{200F}\u{2065}]|[\u{34F}]|[\u{17B4}-\u{17B5}]|[\u{180B}-\u{180D}]|[\u{FE00}-\u{FE0F}]){3}/u;

/**
 * Finds added text that speaks to reviewers ("ignore previous instructions", "approve this change"), and characters that hide text. Such a
 * change is suspicious whatever its reviewers say. Words may be parted by comment signs and line ends.
 */
export const findReviewerAddress: Check = (files) =>
  files.flatMap((file) => [...spokenIn(file), ...hiddenIn(file)]);

function spokenIn(file: ChangedFile): readonly Fault[] {
  return file.hunks.flatMap(({ lines }) => {
    const added = lines.filter(({ kind }) => kind === "added");
    return added.flatMap((line, index) =>
      speaks(line, added[index + 1]) ? [faultAt(file.path, line, spoken)] : [],
    );
  });
}

/** A phrase that begins in a line may end in the next; one that lies in the next line wholly is found there. */
function speaks(line: DiffLine, next: DiffLine | undefined): boolean {
  if (chatMark.test(line.text.slice(0, maxLineChars))) {
    return true;
  }
  const own = wordsOf(line.text);
  if (phrases.some((phrase) => phrase.test(own))) {
    return true;
  }
  if (own === "" || next === undefined || next.newLine !== (line.newLine ?? 0) + 1) {
    return false;
  }
  const after = wordsOf(next.text).slice(0, seamChars);
  const both = `${own.slice(-seamChars)} ${after}`;
  return phrases.some((phrase) => phrase.test(both) && !phrase.test(after));
}

const maxLineChars = 5_000;
const seamChars = 200;

/** No phrase goes on behind it. */
const sentenceEnd = " \u{2022} ";

/** The words alone: signs between them are how comments, lists and clever people write. */
function wordsOf(text: string): string {
  return text
    .slice(0, maxLineChars)
    .normalize("NFKC")
    .replaceAll(/[\p{Cf}'\u2019]/gu, "")
    .toLowerCase()
    .replaceAll(/[.!?](?=[\s_*"')]|$)/gu, sentenceEnd)
    .replaceAll(/[^\p{L}\p{N}\u{2022}]+/gu, " ")
    .trim();
}

function hiddenIn(file: ChangedFile): readonly Fault[] {
  return file.hunks.flatMap(({ lines }) =>
    lines
      .filter(({ kind, text, newLine }) => {
        const body = newLine === 1 ? text.replace(/^\u{FEFF}/u, "") : text;
        return kind === "added" && hidden.test(body);
      })
      .map((line) => faultAt(file.path, line, concealed)),
  );
}

type Words = Pick<Fault, "severity" | "category" | "title" | "body">;

const spoken: Words = {
  severity: "medium",
  category: "security",
  title: "The change speaks to its reviewers",
  body: "An added line reads as an instruction to whoever reviews the change. Ask its author what it is for.",
};

const concealed: Words = {
  severity: "high",
  category: "security",
  title: "An added line has characters that cannot be seen",
  body: "They can make code look like other code, or hide text from people but not from programs. Take them out, or write them as escapes.",
};

function faultAt(path: string, { newLine, text }: DiffLine, words: Words): Fault {
  const line = newLine ?? 1;
  const quoted = words === concealed ? showHidden(text) : text;
  return { path, line, endLine: line, quoted, placement: "line", ...words };
}

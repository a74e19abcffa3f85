import type { ErrorEntry } from "../base/errors.ts";
import { nearest } from "../base/nearest.ts";
import { planErrors } from "./errors.ts";
import type { PlanFault } from "./errors.ts";
import { nameOf } from "./text-tree.ts";
import type { Place, TextEntry, TextNode } from "./text-tree.ts";

/** Collects what is wrong with a plan file while it is read. */
export interface Faults {
  add(entry: ErrorEntry, fault: FaultText): void;
  readonly all: readonly PlanFault[];
}

export interface FaultText {
  readonly at: Place;
  readonly path: string;
  readonly message: string;
  readonly fix: string;
}

/** Keeping more would only cost memory. */
const mostFaults = 1_000;

export function createFaults(): Faults {
  const all: PlanFault[] = [];
  return {
    all,
    add: (entry, { at, path, message, fix }) => {
      if (all.length < mostFaults) {
        all.push({ entry, message, fix, path, line: at.line, column: at.column });
      }
    },
  };
}

/** The fields of one map, each once, and the means to complain about them. */
export interface Fields {
  readonly at: Place;
  readonly path: string;
  readonly entries: ReadonlyMap<string, TextEntry>;
  readonly faults: Faults;
}

/** What a map may hold. */
export interface FieldsShape {
  readonly node: TextNode;
  readonly path: string;
  readonly keys: readonly string[];
  /** What the map is, as `a task`. */
  readonly what: string;
}

/** Opens a map: unknown and repeated keys are faults. Null when it is no map. */
export function readFields(faults: Faults, { node, path, keys, what }: FieldsShape): Fields | null {
  if (node.kind !== "map") {
    faults.add(planErrors.planValue, {
      at: node.at,
      path,
      message: `${capital(what)} is a map of fields, not ${nameOf(node)}.`,
      fix: `Write it as fields: ${keys.slice(0, 3).join(", ")} …`,
    });
    return null;
  }
  const entries = new Map<string, TextEntry>();
  for (const entry of node.entries) {
    const place = { at: entry.keyAt, path: joined(path, entry.key) };
    if (!keys.includes(entry.key)) {
      faults.add(planErrors.planKey, { ...place, ...unknownKey(entry.key, keys, what) });
    } else if (entries.has(entry.key)) {
      const message = `The key \`${entry.key}\` stands twice in ${what}.`;
      faults.add(planErrors.planDuplicate, { ...place, message, fix: "Remove one of the two." });
    } else {
      entries.set(entry.key, entry);
    }
  }
  return { at: node.at, path, entries, faults };
}

function unknownKey(
  key: string,
  keys: readonly string[],
  what: string,
): { readonly message: string; readonly fix: string } {
  const shown = JSON.stringify(key.slice(0, 60));
  const close = nearest(key.slice(0, 60), keys);
  return {
    message: `${capital(what)} has no key ${shown}.${close === null ? "" : ` Did you mean \`${close}\`?`}`,
    fix: close === null ? `Remove it; the keys are ${keys.join(", ")}.` : `Write \`${close}\`.`,
  };
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

export function joined(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

/** What a text must be. */
export interface TextRule {
  /** Bytes of UTF-8. */
  readonly maxBytes: number;
  readonly pattern?: RegExp | undefined;
  /** What the pattern asks for, in words. */
  readonly form?: string | undefined;
  /** Default false. */
  readonly mayBeEmpty?: boolean | undefined;
}

/** Reads a text field; null when it is absent, null or faulty. */
export function readText(fields: Fields, key: string, rule: TextRule): string | null {
  const entry = fields.entries.get(key);
  if (entry === undefined || isNothing(entry.value)) {
    return null;
  }
  return checkText(fields, { node: entry.value, path: joined(fields.path, key) }, rule);
}

function isNothing(node: TextNode): boolean {
  return node.kind === "scalar" && node.value === null;
}

/** A value and where it stands in the plan. */
export interface Located {
  readonly node: TextNode;
  readonly path: string;
}

/** Checks one value that is to be a text; null when it is faulty. */
export function checkText(
  { faults }: Fields,
  { node, path }: Located,
  rule: TextRule,
): string | null {
  if (node.kind !== "scalar" || typeof node.value !== "string") {
    const fix =
      node.kind === "scalar" ? `Write it in quotes: "${String(node.value)}".` : "Write one text.";
    const message = `\`${path}\` is ${nameOf(node)}, which is not a text.`;
    faults.add(planErrors.planValue, { at: node.at, path, message, fix });
    return null;
  }
  const bytes = Buffer.byteLength(node.value);
  if (bytes > rule.maxBytes) {
    const message = `\`${path}\` has ${bytes} bytes; at most ${rule.maxBytes} are allowed.`;
    faults.add(planErrors.planTooLarge, { at: node.at, path, message, fix: "Shorten it." });
    return null;
  }
  const complaint = complaintOf(node.value, rule);
  if (complaint !== null) {
    const message = `\`${path}\` ${complaint.message}.`;
    faults.add(planErrors.planValue, { at: node.at, path, message, fix: complaint.fix });
    return null;
  }
  return node.value;
}

function complaintOf(
  text: string,
  rule: TextRule,
): { readonly message: string; readonly fix: string } | null {
  if (text.trim() === "" && rule.mayBeEmpty !== true) {
    return { message: "is empty", fix: "Write something there, or remove the key." };
  }
  if (text.includes("\0")) {
    return { message: "holds a NUL character", fix: "Remove it." };
  }
  if (/[\u{D800}-\u{DFFF}]/u.test(text)) {
    // A database keeps another character in its place, so that the stored plan would be no longer what the log says.
    return { message: "holds half of a character (a lone surrogate)", fix: "Remove it." };
  }
  if (rule.pattern?.test(text) === false) {
    const form = rule.form ?? "allowed";
    return {
      message: `is ${JSON.stringify(text.slice(0, 60))}, which is not ${form}`,
      fix: `Write ${form}.`,
    };
  }
  return null;
}

/** Reads a field that is a list of texts, each once; empty when it is absent, null or no list. */
export function readTexts(
  fields: Fields,
  key: string,
  rule: TextRule & { readonly maxItems: number },
): readonly string[] {
  return itemsOf(fields, key, rule.maxItems).flatMap(({ node, path }) => {
    const text = checkText(fields, { node, path }, rule);
    return text === null ? [] : [text];
  });
}

/** Reads the items of a list field with their places; empty when it is absent, null or no list. */
export function itemsOf(fields: Fields, key: string, maxItems: number): readonly Located[] {
  const entry = fields.entries.get(key);
  const path = joined(fields.path, key);
  if (entry === undefined || isNothing(entry.value)) {
    return [];
  }
  const { value } = entry;
  if (value.kind !== "list") {
    const shown = value.kind === "scalar" ? `[${JSON.stringify(value.value)}]` : "[…]";
    fields.faults.add(planErrors.planValue, {
      at: value.at,
      path,
      message: `\`${path}\` is ${nameOf(value)}, which is not a list.`,
      fix: `Write a list: ${shown}.`,
    });
    return [];
  }
  if (value.items.length > maxItems) {
    fields.faults.add(planErrors.planTooLarge, {
      at: value.at,
      path,
      message: `\`${path}\` has ${value.items.length} items; at most ${maxItems} are allowed.`,
      fix: "Split it.",
    });
    return [];
  }
  return value.items.map((node, index) => ({ node, path: `${path}[${index}]` }));
}

/** Reads a number field; null when it is absent, null or faulty. */
export function readNumber(
  fields: Fields,
  key: string,
  rule: { readonly isAllowed: (value: number) => boolean; readonly form: string },
): number | null {
  const entry = fields.entries.get(key);
  if (entry === undefined || isNothing(entry.value)) {
    return null;
  }
  const { value } = entry;
  const path = joined(fields.path, key);
  if (value.kind === "scalar" && typeof value.value === "number" && rule.isAllowed(value.value)) {
    return value.value;
  }
  fields.faults.add(planErrors.planValue, {
    at: value.at,
    path,
    message: `\`${path}\` is ${nameOf(value)}, which is not ${rule.form}.`,
    fix: `Write ${rule.form}.`,
  });
  return null;
}

/** Reads a field with a word out of a list; the default when it is absent, null or faulty. */
export function readWord<T extends string>(
  fields: Fields,
  key: string,
  rule: { readonly words: readonly T[]; readonly usual: T },
): T {
  const entry = fields.entries.get(key);
  if (entry === undefined || isNothing(entry.value)) {
    return rule.usual;
  }
  const { value } = entry;
  const word = rule.words.find((one) => value.kind === "scalar" && value.value === one);
  if (word !== undefined) {
    return word;
  }
  const path = joined(fields.path, key);
  const typed = value.kind === "scalar" ? String(value.value).slice(0, 60) : "";
  const close = nearest(typed, rule.words);
  fields.faults.add(planErrors.planValue, {
    at: value.at,
    path,
    message: `\`${path}\` is ${nameOf(value)}.${close === null ? "" : ` Did you mean \`${close}\`?`}`,
    fix: `Write one of ${rule.words.join(", ")}.`,
  });
  return rule.usual;
}

import { isLooseObject, ownText, ownValue } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import type { HookAnswer } from "./answer.ts";

/** Tells whether what came over a socket is an answer. */
export function isHookAnswer(value: unknown): value is HookAnswer {
  if (!isLooseObject(value)) {
    return false;
  }
  const field = fieldOf(value);
  return (
    field === null ||
    (field === "input" ? isLooseObject(ownValue(value, field)) : ownText(value, field) !== null)
  );
}

/** The field that an answer of this kind has beside it; null for none, and an impossible one for no kind at all. */
function fieldOf(value: LooseObject): string | null {
  const fields: Readonly<Record<string, string | null>> = {
    silent: null,
    deny: "reason",
    hold: "reason",
    context: "text",
    note: "text",
    input: "input",
  };
  const kind = ownText(value, "kind") ?? "";
  return Object.hasOwn(fields, kind) ? (fields[kind] ?? null) : "kind of nothing";
}

import { SkeinError } from "../../core/base/errors.ts";
import { isLooseObject, ownText, ownValue } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { hostingErrors, isRepositoryName } from "../../core/hosting/index.ts";
import type { RepositoryName, User } from "../../core/hosting/index.ts";

/** What stands in the place of an account that is gone. */
export const ghost: User = { id: 0, login: "ghost", kind: "person" };

/** @throws {SkeinError} SKN-7652 */
export function needObject(value: unknown, what: string): LooseObject {
  if (!isLooseObject(value)) {
    throw garbled(what);
  }
  return value;
}

/** @throws {SkeinError} SKN-7652 */
export function needList(value: unknown, what: string): readonly LooseObject[] {
  if (!Array.isArray(value)) {
    throw garbled(what);
  }
  return value.map((each) => needObject(each, what));
}

/** A whole number above 0. @throws {SkeinError} SKN-7652 */
export function needId(object: LooseObject, key: string): number {
  const value = ownValue(object, key);
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value <= 0) {
    throw garbled(key);
  }
  return value;
}

/** @throws {SkeinError} SKN-7652 */
export function needText(object: LooseObject, key: string): string {
  const value = ownText(object, key);
  if (value === null) {
    throw garbled(key);
  }
  return value;
}

/** ISO text as epoch milliseconds. @throws {SkeinError} SKN-7652 */
export function needTimeMs(object: LooseObject, key: string): number {
  const ms = Date.parse(ownText(object, key) ?? "");
  if (Number.isNaN(ms)) {
    throw garbled(key);
  }
  return ms;
}

/** @throws {SkeinError} SKN-7652 */
export function needName(object: LooseObject, key: string): RepositoryName {
  const name = needText(object, key);
  if (!isRepositoryName(name)) {
    throw garbled(key);
  }
  return name;
}

/** A whole number from 0, or null. */
export function countOf(object: LooseObject, key: string): number | null {
  const value = ownValue(object, key);
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** The account under a key; the ghost when there is none. */
export function userOf(object: LooseObject, key: string): User {
  const user = ownValue(object, key);
  return isLooseObject(user) ? readUser(user) : ghost;
}

export function readUser(user: LooseObject): User {
  const login = needText(user, "login");
  const isBot = ownText(user, "type") === "Bot" || login.endsWith("[bot]");
  return { id: needId(user, "id"), login, kind: isBot ? "bot" : "person" };
}

/** The names of labels, which are objects or plain texts. */
export function labelsOf(object: LooseObject): readonly string[] {
  const labels = ownValue(object, "labels");
  return Array.isArray(labels)
    ? labels.flatMap((label: unknown) => {
        const name = isLooseObject(label) ? ownText(label, "name") : label;
        return typeof name === "string" ? [name] : [];
      })
    : [];
}

/** An answer that is not what the host promises. */
export function garbled(what: string): SkeinError {
  return new SkeinError(hostingErrors.garbled, {
    message: `The code host's answer cannot be read: ${what} is missing or of the wrong kind.`,
    facts: { field: what },
  });
}

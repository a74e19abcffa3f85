/** What a file is for: when not all fits, code is read first. */
export type FileRole = "code" | "config" | "test" | "docs";

/** Told by the path alone; unknown files count as code. */
export function roleOf(path: string): FileRole {
  if (/(?:^|\/)(?:tests?|specs?|__tests__|fixtures)\/|[._-](?:test|spec)\.[^/]+$/iu.test(path)) {
    return "test";
  }
  if (/\.(?:md|mdx|rst|adoc|txt)$/iu.test(path)) {
    return "docs";
  }
  return /\.(?:json|toml|xml|ya?ml|ini|cfg)$/iu.test(path) ? "config" : "code";
}

/** What a file is for: when not all fits, code is read first. */
export type FileRole = "code" | "config" | "test" | "docs";

const byExtension: Readonly<Record<string, string>> = {
  bash: "bash",
  c: "c",
  cc: "cpp",
  cpp: "cpp",
  cs: "csharp",
  css: "css",
  cts: "typescript",
  dart: "dart",
  ex: "elixir",
  exs: "elixir",
  go: "go",
  h: "c",
  hpp: "cpp",
  html: "html",
  java: "java",
  js: "javascript",
  json: "json",
  jsx: "jsx",
  kt: "kotlin",
  lua: "lua",
  mjs: "javascript",
  mts: "typescript",
  php: "php",
  pl: "perl",
  proto: "protobuf",
  ps1: "powershell",
  py: "python",
  rb: "ruby",
  rs: "rust",
  scala: "scala",
  scss: "scss",
  sh: "bash",
  sql: "sql",
  svelte: "svelte",
  swift: "swift",
  tf: "hcl",
  toml: "toml",
  ts: "typescript",
  tsx: "tsx",
  vue: "vue",
  xml: "xml",
  yaml: "yaml",
  yml: "yaml",
  zig: "zig",
};

const configLanguages = new Set(["json", "toml", "xml", "yaml"]);

/** The name under which highlighters know the file's language, or null. */
export function languageOf(path: string): string | null {
  const extension = /\.([a-z0-9]+)$/iu.exec(path)?.[1]?.toLowerCase() ?? "";
  return Object.hasOwn(byExtension, extension) ? (byExtension[extension] ?? null) : null;
}

/** Told by the path alone; unknown files count as code. */
export function roleOf(path: string): FileRole {
  if (/(?:^|\/)(?:tests?|specs?|__tests__|fixtures)\/|[._-](?:test|spec)\.[^/]+$/iu.test(path)) {
    return "test";
  }
  if (/\.(?:md|mdx|rst|adoc|txt)$/iu.test(path)) {
    return "docs";
  }
  return configLanguages.has(languageOf(path) ?? "") ? "config" : "code";
}

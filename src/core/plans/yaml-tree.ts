import { LineCounter, isAlias, isMap, isNode, isScalar, isSeq, parseDocument } from "yaml";
import type { Document, Pair, Scalar } from "yaml";
import { yamlSentence } from "../base/yaml-words.ts";
import { planErrors } from "./errors.ts";
import type { PlanFault } from "./errors.ts";
import type { TreeResult } from "./json-tree.ts";
import { readPlainYaml } from "./plain-yaml.ts";
import { deepestNesting } from "./text-tree.ts";
import { findExcess } from "./yaml-bounds.ts";
import type { Place, TextEntry, TextNode } from "./text-tree.ts";

/** More aliases, or more values repeated by them, make a bomb and not a plan. Looking one up takes a walk of the document. */
const mostAliases = 100;
const mostAliasedNodes = 10_000;

/** Stops the conversion; caught in `readYaml` only. */
class YamlFault extends Error {
  readonly node: unknown;

  constructor(message: string, node: unknown) {
    super(message);
    this.node = node;
  }
}

interface Conversion {
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
  aliases: number;
  aliasedNodes: number;
}

/** Reads one YAML 1.2 document (core schema, bounded aliases) with the place of every value; what is plain in a tenth of the time. */
export function readYaml(text: string): TreeResult {
  const root = readPlainYaml(text);
  return root === null ? readFullYaml(text) : { kind: "tree", root };
}

/** Reads all of YAML, and says what is wrong with it. */
export function readFullYaml(text: string): TreeResult {
  const excess = findExcess(text);
  if (excess !== null) {
    return { kind: "faults", faults: [excess] };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    version: "1.2",
    merge: false,
  });
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0) {
    return {
      kind: "faults",
      faults: problems.map((problem) =>
        syntaxFault(yamlSentence(problem), placeOf(lines, problem.pos[0])),
      ),
    };
  }
  const conversion: Conversion = { document, lines, aliases: 0, aliasedNodes: 0 };
  try {
    return {
      kind: "tree",
      root: convert(conversion, document.contents, { depth: 0, inAlias: false }),
    };
  } catch (error) {
    if (!(error instanceof YamlFault)) {
      throw error;
    }
    return { kind: "faults", faults: [syntaxFault(error.message, placeOfNode(lines, error.node))] };
  }
}

function syntaxFault(message: string, { line, column }: Place): PlanFault {
  const fix = "Mend the YAML at this place; check indentation and quotes.";
  return { entry: planErrors.planSyntax, message, fix, path: "", line, column };
}

function placeOf(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function placeOfNode(lines: LineCounter, node: unknown): Place {
  return placeOf(lines, isNode(node) ? (node.range?.[0] ?? 0) : 0);
}

interface Depth {
  readonly depth: number;
  readonly inAlias: boolean;
}

function convert(conversion: Conversion, node: unknown, where: Depth): TextNode {
  const at = placeOfNode(conversion.lines, node);
  if (where.depth > deepestNesting) {
    throw new YamlFault(`Values are nested deeper than ${deepestNesting}.`, node);
  }
  if (where.inAlias) {
    conversion.aliasedNodes += 1;
    if (conversion.aliasedNodes > mostAliasedNodes) {
      throw new YamlFault(`Aliases repeat more than ${mostAliasedNodes} values.`, node);
    }
  }
  if (isAlias(node)) {
    conversion.aliases += 1;
    if (conversion.aliases > mostAliases) {
      throw new YamlFault(`The file has more than ${mostAliases} aliases.`, node);
    }
    const target = node.resolve(conversion.document);
    if (target === undefined) {
      throw new YamlFault(`The alias \`*${node.source}\` names no anchor above it.`, node);
    }
    return convert(conversion, target, { depth: where.depth + 1, inAlias: true });
  }
  const inner = { ...where, depth: where.depth + 1 };
  if (isMap(node)) {
    const entries = node.items.map((pair) => convertPair(conversion, pair, inner));
    return { kind: "map", entries, at };
  }
  if (isSeq(node)) {
    return { kind: "list", items: node.items.map((item) => convert(conversion, item, inner)), at };
  }
  return { kind: "scalar", value: isScalar(node) ? scalarOf(node) : null, at };
}

function convertPair(conversion: Conversion, pair: Pair, where: Depth): TextEntry {
  const { key } = pair;
  const word = isScalar(key) ? scalarOf(key) : null;
  if (word === null) {
    throw new YamlFault("A key must be a word.", key);
  }
  const keyAt = placeOfNode(conversion.lines, key);
  const value = convert(conversion, pair.value, where);
  const isNowhere = !isNode(pair.value) || pair.value.range?.[0] === undefined;
  return { key: String(word), keyAt, value: isNowhere ? { ...value, at: keyAt } : value };
}

function scalarOf(node: Scalar): string | number | boolean | null {
  const { value } = node;
  const isPlain =
    typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  if (isPlain) {
    return value;
  }
  if (value === null || value === undefined) {
    return null;
  }
  throw new YamlFault("Only texts, numbers, true, false and null are read here.", node);
}

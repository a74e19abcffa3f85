/** How a line of a Markdown text is meant. */
export interface OutlineLine {
  /** 1-based. */
  readonly number: number;
  readonly text: string;
  /** The heading above it, 0 for none: an index into `headings`, plus one. */
  readonly section: number;
  readonly isCode: boolean;
}

export interface Heading {
  /** 1 to 6. */
  readonly level: number;
  readonly title: string;
}

/** A Markdown text by headings. */
export interface Outline {
  readonly headings: readonly Heading[];
  readonly lines: readonly OutlineLine[];
}

const headingLine = /^ {0,3}(#{1,6})[ \t]+(\S.*)$/u;
const fenceLine = /^\s*(`{3,}|~{3,})/u;

/** Reads where the headings of a Markdown text stand. Code fences and comments hold none. */
export function readOutline(text: string): Outline {
  const headings: Heading[] = [];
  const lines: OutlineLine[] = [];
  let inside = nothing;
  for (const [index, line] of text.split(/\r?\n/u).entries()) {
    const { isCode, next } = enter(inside, line);
    inside = next;
    const heading = isCode ? null : headingIn(line);
    if (heading !== null) {
      headings.push(heading);
    }
    lines.push({ number: index + 1, text: line, section: headings.length, isCode });
  }
  return { headings, lines };
}

function headingIn(line: string): Heading | null {
  const found = headingLine.exec(line);
  return found === null
    ? null
    : { level: found[1]?.length ?? 1, title: withoutClosing((found[2] ?? "").trim()) };
}

/** Marks that close a heading are no part of it: `## Tasks ##`. */
function withoutClosing(title: string): string {
  let end = title.length;
  while (end > 0 && title[end - 1] === "#") {
    end -= 1;
  }
  return /\s/u.test(title[end - 1] ?? "") ? title.slice(0, end).trim() : title;
}

/** What is open around a line. */
interface Inside {
  /** The fence's own mark, or null. */
  readonly fence: string | null;
  readonly isComment: boolean;
}

const nothing: Inside = { fence: null, isComment: false };

interface Entered {
  readonly isCode: boolean;
  readonly next: Inside;
}

function enter({ fence, isComment }: Inside, line: string): Entered {
  const mark = fenceLine.exec(line)?.[1] ?? null;
  if (fence !== null) {
    const isEnd = mark?.startsWith(fence) === true;
    return { isCode: true, next: isEnd ? nothing : { fence, isComment: false } };
  }
  if (isComment || line.trimStart().startsWith("<!--")) {
    return { isCode: true, next: { fence: null, isComment: !line.includes("-->") } };
  }
  return { isCode: mark !== null, next: { fence: mark, isComment: false } };
}

const taskTitles =
  /^(?:tasks?|to-?dos?|plan|steps|work(?: items)?|milestones?|implementation|proposed changes|changes|roadmap|what (?:to do|needs to be done)|phase\b.*)\b/iu;
const otherTitles =
  /reproduc|expected|actual|environment|acceptance|definition of done|done when|checklist before|before submitting|non-?goals|out of scope|alternatives|references|resources|related/iu;
const acceptTitles = /acceptance|definition of done|done when/iu;

/** True under a heading whose plain lists are tasks. */
export function isTaskSection({ title }: Heading): boolean {
  return taskTitles.test(title) && !otherTitles.test(title);
}

/** True under a heading whose checklists are no tasks: how to reproduce, what the author ticked before writing. */
export function isOtherSection({ title }: Heading): boolean {
  return otherTitles.test(title);
}

/** True under a heading that says when the whole is done. */
export function isAcceptSection({ title }: Heading): boolean {
  return acceptTitles.test(title);
}

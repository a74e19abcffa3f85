/** Every task of the plan, in the order of the file. */
export const taskIds = ["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8"];

/** A plan as people write it: a checklist with files, order and some that share paths. */
export const planText = `# Tidy up

- [ ] T1: Head of the first module (high, ~10m), files: src/module-1/**
- [ ] T2: Head of the second module, files: src/module-2/**
- [ ] T3: Both tests, after: T1, T2
      files: test/**
- [ ] T4: One more line in the first module, after: T1
      files: src/module-1/file-1.ts
- [ ] T5: The readme, files: README.md
- [ ] T6: The readme again, files: README.md
- [ ] T7: Third module, files: src/module-3/
- [ ] T8: Last words, depends on #3, #4, #5, #6, #7
      files: docs/**
`;

/** The file that a task changes. */
export const fileOf: Readonly<Record<string, string>> = {
  T1: "src/module-1/file-1.ts",
  T2: "src/module-2/file-2.ts",
  T3: "test/both.test.ts",
  T4: "src/module-1/file-1.ts",
  T5: "README.md",
  T6: "README.md",
  T7: "src/module-3/file-3.ts",
  T8: "docs/last-words.md",
};
